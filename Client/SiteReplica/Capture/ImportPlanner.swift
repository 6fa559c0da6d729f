// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication

/// One row of a file, compared with what is there.
struct ImportStep {
  let row: Int
  let patient: PatientID
  let isNew: Bool
  /// Identity fields to write; empty when they stand already.
  var identity: [String: EnteredValue]
  /// Values to write; empty when they stand already.
  var writes: [DeidentifiedWrite]
  /// The patient's registers as they were.
  let former: UnitedRecord

  var changesSomething: Bool { !identity.isEmpty || !writes.isEmpty }
}

/// Compares an import file with the vault and the heads, inside one transaction.
struct ImportPlanner<Generator: RandomNumberGenerator> {
  private let store: SiteStore
  private let vault: Vault
  private let database: Database
  private let options: ImportOptions
  /// The file's own problems, so that none is named twice.
  private let found: Set<Problem>
  private(set) var generator: Generator
  private var registered: [PatientKey: Identity] = [:]
  private var newPatients: Set<PatientID> = []
  private let links: PatientLinks
  /// What was found beside the file's own problems.
  private(set) var problems: [Problem] = []

  init(
    _ store: SiteStore,
    vault: Vault,
    in database: Database,
    options: ImportOptions,
    found: [Problem],
    generator: Generator
  ) throws {
    self.store = store
    links = try store.links(in: database)
    self.vault = vault
    self.database = database
    self.options = options
    self.found = Set(found)
    self.generator = generator
  }

  /// The steps of the file's good rows; rows with new problems are left out and named in
  /// `problems`.
  mutating func steps(for rows: [ImportRow]) throws -> [ImportStep] {
    var steps: [ImportStep] = []
    for row in rows {
      if let step = try step(for: row) { steps.append(step) }
    }
    return steps
  }

  private mutating func step(for row: ImportRow) throws -> ImportStep? {
    let count = problems.count
    guard var identity = try identity(for: row) else { return nil }
    let before = identity
    var changes = identityChanges(of: row, over: identity)
    identity.fields.merge(changes) { $1 }
    guard let start = identity.treatmentStart else {
      add(
        row.row,
        vault.roles.treatmentStart,
        ProblemCode.missingTreatmentStart.rawValue,
        "The patient has no treatment start, so that no date can leave: give it in this column"
      )
      return nil
    }
    let isNew = newPatients.contains(identity.patient)
    let record = try store.unitedRecord(of: identity.patient, links, in: database)
    let former = record.united
    checkDates(row, start, former)
    try checkStart(row, changes, record)
    guard problems.count == count,
      var writes = try writes(of: row, changes, before: before, after: identity, former)
    else { return nil }
    if let old = before.treatmentStart, old != start {
      let number = Int64.random(in: 1...(1 << 53), using: &generator)
      changes[vault.roles.startRevision] = .integer(number)
      writes.append(store.deidentifier.startRevision(number))
    }
    identity.fields.merge(changes) { $1 }
    let needed = writes.filter { needsWriting($0, row: row.row, identity.patient, former) }
    guard problems.count == count else { return nil }
    registered[row.mrn] = identity
    return ImportStep(
      row: row.row,
      patient: identity.patient,
      isNew: isNew && before.fields.isEmpty,
      identity: changes,
      writes: needed,
      former: record
    )
  }

  /// The row's values as they would leave, moved dates and the age among them.
  private mutating func writes(
    of row: ImportRow,
    _ changes: [String: EnteredValue],
    before: Identity,
    after: Identity,
    _ former: [RowAddress: RowHeads]
  ) throws -> [DeidentifiedWrite]? {
    guard let start = after.treatmentStart else { return nil }
    var entered = row.writes
    if let oldStart = before.treatmentStart, oldStart != start {
      entered += try OffsetCorrection.moved(
        former,
        from: oldStart,
        except: row.writes,
        patient: after.patient
      )
    }
    let givesAge = store.givesAge(changes, after.patient, former)
    do throws(DeidentificationError) {
      return try store.deidentifier.writes(
        entered,
        treatmentStart: start,
        birthDate: givesAge ? after.birthDate : nil
      )
    } catch {
      add(
        row.row,
        error.field ?? "",
        ProblemCode.outsideHardLimit.rawValue,
        "A value of the row cannot leave the site with this treatment start: check the dates"
      )
      return nil
    }
  }

  /// The file's own checks know no treatment start when the row does not give it.
  private mutating func checkDates(
    _ row: ImportRow,
    _ start: CalendarDate,
    _ former: [RowAddress: RowHeads]
  ) {
    guard row.identity[vault.roles.treatmentStart] == nil else { return }
    problems += store.checker.check(
      row.writes,
      treatmentStart: start,
      existing: former,
      row: row.row
    ).filter { !$0.isWarning && !found.contains($0) }
  }

  /// A date cannot be told as days where another device has corrected the day they count from.
  private mutating func checkStart(
    _ row: ImportRow,
    _ changes: [String: EnteredValue],
    _ record: UnitedRecord
  ) throws {
    guard try store.isStartOutdated(record.rows, identity: { try vault.identity(of: $0) }) else {
      return
    }
    let roles = vault.roles
    let hasDates = row.writes.contains { if case .date = $0.value { true } else { false } }
    guard hasDates || changes[roles.treatmentStart] != nil || changes[roles.birthDate] != nil else {
      return
    }
    add(
      row.row,
      roles.treatmentStart,
      "start_corrected_elsewhere",
      "Another device corrected the patient's treatment start: read its vault file first"
    )
  }

  /// Who the row is about: known in the vault, met earlier in the file, or new.
  private mutating func identity(for row: ImportRow) throws -> Identity? {
    if let met = registered[row.mrn] { return met }
    let known: Identity?
    do throws(SiteReplicaError) {
      known = try store.knownIdentity(row.mrn, vault: vault)
    } catch {
      guard case .registeredTwice(let patients) = error else { throw error }
      add(
        row.row,
        vault.roles.recordNumber,
        "registered_twice",
        "The record number stands for \(patients.count) registrations "
          + "(\(patients.map(\.description).joined(separator: ", "))): give one of these ids in its "
          + "place, or merge them"
      )
      return nil
    }
    if let known { return known }
    let patient = PatientID.random(using: &generator)
    newPatients.insert(patient)
    return Identity(patient: patient, fields: [:], roles: vault.roles)
  }

  private mutating func identityChanges(
    of row: ImportRow,
    over present: Identity
  ) -> [String: EnteredValue] {
    var given = row.identity
    if present.mrn == nil { given[vault.roles.recordNumber] = .text(row.mrn.text) }
    var changes: [String: EnteredValue] = [:]
    for (field, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let old = present.fields[field] else {
        changes[field] = value
        continue
      }
      guard old != value, field != vault.roles.recordNumber else { continue }
      if options.updates {
        changes[field] = value
      } else {
        addDiffers(row.row, field)
      }
    }
    return changes
  }

  /// Whether a value is new here; one that differs is a problem unless the file may update.
  private mutating func needsWriting(
    _ write: DeidentifiedWrite,
    row: Int,
    _ patient: PatientID,
    _ former: [RowAddress: RowHeads]
  ) -> Bool {
    if write.field == vault.roles.startRevision { return true }
    let address = RowAddress(patient: patient, event: write.event, reader: write.reader)
    guard let register = former[address]?[write.field], !register.heads.isEmpty else { return true }
    if register.heads.contains(where: { $0.value == write.value }) { return false }
    let column = store.study.dictionary.column(write.field, event: write.event)
    if register.hasConflict {
      add(
        row,
        column,
        "differs",
        "The field is in conflict, and an import never overwrites one: resolve it first"
      )
      return false
    }
    if options.updates { return true }
    addDiffers(row, column)
    return false
  }

  private mutating func addDiffers(_ row: Int, _ column: String) {
    add(
      row,
      column,
      "differs",
      "Another value stands here already: check which is right, then import with --update or "
        + "take the value out of the file"
    )
  }

  private mutating func add(_ row: Int, _ column: String, _ code: String, _ message: String) {
    problems.append(
      Problem(row: row, column: column, code: code, message: message, isWarning: false)
    )
  }
}

/// New offsets for all dates of a patient whose treatment start was corrected.
enum OffsetCorrection {
  /// The patient's dates as calendar dates, to be counted from the new start.
  ///
  /// - Throws: `SiteReplicaError.inConflict` when a date is in conflict: which of its values
  ///   would move is for a person to say first.
  static func moved(
    _ rows: [RowAddress: RowHeads],
    from start: CalendarDate,
    except written: [EnteredWrite],
    patient: PatientID
  ) throws(SiteReplicaError) -> [EnteredWrite] {
    let taken = Set(
      written.map {
        Address(patient: patient, event: $0.event, reader: $0.reader, field: $0.field)
      }
    )
    var moved: [EnteredWrite] = []
    for (address, heads) in rows.sorted(by: { $0.key < $1.key }) {
      for (field, register) in heads.sorted(by: { $0.key < $1.key }) {
        guard case .day(let day) = register.value,
          !taken.contains(Address(row: address, field: field))
        else { continue }
        guard !register.hasConflict else { throw .inConflict(field: field, event: address.event) }
        guard let date = start.adding(days: Int(day)) else { continue }
        moved.append(
          EnteredWrite(
            event: address.event,
            reader: address.reader,
            field: field,
            value: .date(date)
          )
        )
      }
    }
    return moved
  }
}
