// SPDX-License-Identifier: Apache-2.0

import Deidentification
import GRDB
import Registry
import RegistryDatabase
import Replication

/// What a corrected treatment start brings with it.
///
/// Calendar dates are told from the start in the vault and the days in the store, and the two reach
/// another device on different ways. So each correction has a number: drawn at random, written
/// beside the new offsets as a value of its own, and kept with the start in the vault. A device
/// whose vault has another number than its store knows that its start is not the one that the days
/// count from, and shows days until a vault file brings the right one.
struct StartCorrection {
  /// Identity fields that are written with it: the number.
  var identity: [String: EnteredValue] = [:]
  /// The dates that count from the new start now.
  var moved: [EnteredWrite] = []
  /// The write that tells the other devices.
  var revision: DeidentifiedWrite?
  /// Whether the start was corrected elsewhere and is only learnt here: the days stand already.
  var isAdopted = false
}

extension SiteStore {
  /// Whether the days of a patient count from another start than the vault's.
  ///
  /// - Parameters:
  ///   - rows: The rows at the registrations' own addresses.
  ///   - identity: Finds the identity of a registration that has a number.
  /// - Returns: True when any registration's number is not the one in the vault.
  /// - Throws: What the search throws.
  func isStartOutdated<Failure>(
    _ rows: [RowAddress: RowHeads],
    identity: (PatientID) throws(Failure) -> Identity?
  ) throws(Failure) -> Bool {
    for (patient, numbers) in revisions(in: rows) {
      guard let known = try identity(patient) else { continue }
      if !numbers.allSatisfy({ $0 == known.startRevision }) { return true }
    }
    return false
  }

  /// The numbers of the corrections that stand, by registration; several when devices corrected at
  /// the same time.
  func revisions(in rows: [RowAddress: RowHeads]) -> [PatientID: [Int64]] {
    var found: [PatientID: [Int64]] = [:]
    for (row, heads) in rows where row.event.isEmpty && row.reader.isEmpty {
      guard let register = heads[study.profile.roles.startRevision] else { continue }
      let numbers = register.integers
      if !numbers.isEmpty { found[row.patient] = numbers }
    }
    return found
  }

  /// What a form's start brings with it; nothing when it stands already.
  ///
  /// - Throws: `SiteReplicaError.startCorrectedElsewhere` when dates or a birth date are entered on
  ///   a device that does not know from which day they count.
  func correction(
    of entered: EnteredForm,
    _ before: Identity,
    _ start: CalendarDate,
    _ record: UnitedRecord,
    _ number: Int64,
    vault: Vault
  ) throws(SiteReplicaError) -> StartCorrection {
    let roles = study.profile.roles
    let isOutdated = try isStartOutdated(record.rows) { patient throws(SiteReplicaError) in
      try vaultCall { () throws(VaultError) in try vault.identity(of: patient) }
    }
    let isGiven = entered.identity[roles.treatmentStart] != nil
    if isOutdated {
      let hasDates = entered.writes.contains { if case .date = $0.value { true } else { false } }
      let counts = hasDates || entered.identity[roles.birthDate] != nil
      guard !counts else { throw .startCorrectedElsewhere }
    }
    guard isGiven, let old = before.treatmentStart else { return StartCorrection() }
    var correction = StartCorrection()
    let heads = Set(revisions(in: record.rows).values.joined())
    correction.isAdopted = isOutdated
    if isOutdated, heads.count == 1, let only = heads.first {
      correction.identity[roles.startRevision] = .integer(only)
      return correction
    }
    guard isOutdated || old != start else { return correction }
    correction.identity[roles.startRevision] = .integer(number)
    correction.revision = deidentifier.startRevision(number)
    if !isOutdated {
      correction.moved = try OffsetCorrection.moved(
        record.united,
        from: old,
        except: entered.writes,
        patient: before.patient
      )
    }
    return correction
  }
}

extension Register {
  /// The whole numbers among the heads.
  var integers: [Int64] {
    heads.compactMap { head in
      if case .integer(let number) = head.value { number } else { nil }
    }
  }
}

extension Identity {
  /// The number of the correction that gave the treatment start; nil when it never was corrected.
  var startRevision: Int64? {
    if case .integer(let number) = fields[roles.startRevision] { number } else { nil }
  }

  /// The identity as people see it.
  var withoutRevision: Identity {
    var shown = self
    shown.fields[roles.startRevision] = nil
    return shown
  }
}
