// SPDX-License-Identifier: Apache-2.0

import Deidentification
import GRDB
import Registry
import RegistryDatabase
public import Replication

extension SiteStore {
  /// Says that two registrations are one patient.
  ///
  /// Afterwards every registration links to the smallest id, which names the patient. Nothing is
  /// rewritten: the values of all stand together, and different ones show as conflicts.
  ///
  /// - Parameters:
  ///   - first: A record number, or a patient id in hexadecimal.
  ///   - second: The other one; the same number again merges all that share it.
  ///   - vault: Where the numbers are found.
  ///   - actor: Who merges, and when, for the audit trail.
  /// - Returns: The patient's name and all registrations.
  /// - Throws: `SiteReplicaError.startsDiffer`, or `.nothingToWrite` when they are one already.
  public func merge(
    _ first: String,
    _ second: String,
    vault: Vault,
    actor: Actor
  ) throws(SiteReplicaError) -> MergedRegistrations {
    let named = try registrations(first, vault) + registrations(second, vault)
    return try write { database in
      let links = try links(in: database)
      let members = Set(named.flatMap(links.members)).sorted()
      let erased = Set(try tables.erasedPatients(in: database))
      guard erased.isDisjoint(with: members) else { throw SiteReplicaError.patientErased }
      try checkStarts(of: members, vault)
      return try link([members], reason: .merge, actor, in: database)
    }
  }

  /// Says that a registration is another patient than the rest of those merged with it.
  ///
  /// The rest stays merged. Values that were saved while they were one stand at each registration
  /// that had some of them.
  ///
  /// - Parameters:
  ///   - first: A registration of the patient that stays.
  ///   - second: The one that leaves.
  ///   - vault: Where the numbers are found.
  ///   - actor: Who separates, and when, for the audit trail.
  /// - Returns: The registrations that stay.
  /// - Throws: `SiteReplicaError.notMerged`.
  public func unmerge(
    _ first: String,
    _ second: String,
    vault: Vault,
    actor: Actor
  ) throws(SiteReplicaError) -> MergedRegistrations {
    let staying = try patient(mrn: first, vault: vault)
    let leaving = try patient(mrn: second, vault: vault)
    return try write { database in
      let members = try links(in: database).members(of: staying)
      guard staying != leaving, members.contains(leaving) else { throw SiteReplicaError.notMerged }
      let rest = members.filter { $0 != leaving }
      return try link([rest, [leaving]], reason: .unmerge, actor, in: database)
    }
  }

  /// Links the registrations of each group to its smallest id, in one changeset.
  private func link(
    _ groups: [[PatientID]],
    reason: ChangeReason,
    _ actor: Actor,
    in database: Database
  ) throws -> MergedRegistrations {
    let linkField = study.profile.roles.link
    let registers = try linkRegisters(in: database)
    let erased = Set(try tables.erasedPatients(in: database))
    var writes: [FieldWrite] = []
    for group in groups {
      for registration in group where !erased.contains(registration) {
        let register = registers[registration] ?? Register()
        let target = registration == group[0] ? nil : group[0]
        let value = deidentifier.link(to: target).value
        let stands = target == nil && register.heads.isEmpty || register.value == value
        guard register.hasConflict || !stands else { continue }
        let row = RowAddress(patient: registration, event: "", reader: "")
        let address = Address(row: row, field: linkField)
        writes.append(FieldWrite(address: address, value: value))
      }
    }
    guard !writes.isEmpty else { throw SiteReplicaError.nothingToWrite }
    var author = try ChangesetAuthor(self, in: database)
    let record = UnitedRecord(
      patient: groups[0][0],
      registrations: groups.flatMap(\.self),
      rows: Dictionary(
        uniqueKeysWithValues: registers.map { registration, register in
          (RowAddress(patient: registration, event: "", reader: ""), [linkField: register])
        }
      ),
      united: [:]
    )
    try author.save(writes, of: record, reason: reason, action: .change, by: actor)
    try author.finish()
    return MergedRegistrations(patient: groups[0][0], registrations: groups[0])
  }

  private func registrations(
    _ text: String,
    _ vault: Vault
  ) throws(SiteReplicaError) -> [PatientID] {
    guard let key = PatientKey(text) else { throw .unknownPatient }
    let known = try vaultCall { () throws(VaultError) in try vault.patients(mrn: key.text) }
    return known.isEmpty ? [try patient(mrn: text, vault: vault)] : known
  }

  private func checkStarts(of members: [PatientID], _ vault: Vault) throws {
    let starts = try members.compactMap { try vault.identity(of: $0)?.treatmentStart }
    guard Set(starts).count <= 1 else { throw SiteReplicaError.startsDiffer }
  }
}

/// Registrations that are one patient.
public struct MergedRegistrations: Sendable, Equatable {
  /// The patient's name: the smallest id.
  public let patient: PatientID
  /// All of them by rising id.
  public let registrations: [PatientID]
}
