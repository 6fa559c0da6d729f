// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
public import Replication

extension SiteStore {
  /// The patient of a record number.
  ///
  /// - Throws: `SiteReplicaError.unknownPatient` when there is none.
  public func patient(mrn: String, vault: Vault) throws(SiteReplicaError) -> PatientID {
    guard let key = PatientKey(mrn) else { throw .unknownPatient }
    let known = try vaultCall { () throws(VaultError) in try vault.patients(mrn: key.text) }
    if let patient = known.first { return patient }
    // A registration that shares its record number with another is named by its id.
    guard let patient = PatientID(hex: key.text) else { throw .unknownPatient }
    let identity = try vaultCall { () throws(VaultError) in try vault.identity(of: patient) }
    guard identity != nil else { throw .unknownPatient }
    return patient
  }

  /// Everything known of one patient, of all registrations.
  public func record(
    of patient: PatientID,
    vault: Vault
  ) throws(SiteReplicaError) -> PatientRecord {
    let united = try read { try unitedRecord(of: patient, in: $0) }
    var identities: [Identity] = []
    for registration in [patient] + united.registrations.filter({ $0 != patient }) {
      let identity = try vaultCall { () throws(VaultError) in
        try vault.identity(of: registration)
      }
      if let identity { identities.append(identity) }
    }
    return record(united.name, united.rows, identities)
  }

  /// Everything known of every patient once, by patient id.
  public func records(vault: Vault) throws(SiteReplicaError) -> [PatientRecord] {
    let identities = try vaultCall { () throws(VaultError) in try vault.identities() }
    var merged = MergedPatients(linkField: study.profile.roles.link)
    try read { database in
      try tables.forEachPatient(in: database) { patient, rows in merged.add(patient, rows) }
    }
    for patient in identities.keys { merged.add(patient) }
    return merged.patients.map { member in
      record(member.patient, member.rows, member.registrations.compactMap { identities[$0] })
    }
  }

  /// Every field in conflict, with the origin of each value.
  public func conflicts(vault: Vault?) throws(SiteReplicaError) -> [ConflictReport] {
    let found = try read { database in
      let own = try StoreMeta.ownReplicas(in: database)
      return try conflictRegisters(in: database).map { address, register in
        (address, register, try register.heads.map { try origin(of: $0, own, in: database) })
      }
    }
    var reports: [ConflictReport] = []
    for (address, register, origins) in found {
      let identity = try vault.flatMap { vault throws(SiteReplicaError) in
        try vaultCall { () throws(VaultError) in try vault.identity(of: address.row.patient) }
      }
      let provisional = register.provisional?.dot
      let sides = zip(register.heads, origins).map { head, origin in
        ConflictReport.Side(
          dot: head.dot,
          text: ValueText.text(head.value, from: identity?.treatmentStart),
          isOwn: origin.isOwn,
          origin: origin.name,
          at: origin.at,
          isProvisional: head.dot == provisional
        )
      }
      reports.append(ConflictReport(address: address, mrn: identity?.mrn, sides: sides))
    }
    return reports
  }

  private func record(
    _ patient: PatientID,
    _ rows: [RowAddress: RowHeads],
    _ identities: [Identity]
  ) -> PatientRecord {
    let identity = identities.first
    let rows = MergedPatients.united(rows, as: patient, linkField: study.profile.roles.link)
    var order: [String: Int] = [:]
    for (index, field) in study.dictionary.fields.enumerated() where order[field.name] == nil {
      order[field.name] = index
    }
    let values = rows.flatMap { address, heads in
      heads.map { field, register in
        RecordedValue(
          address: Address(row: address, field: field),
          definition: study.dictionary.field(field, event: address.event),
          register: register,
          text: register.value.map { ValueText.text($0, from: identity?.treatmentStart) } ?? ""
        )
      }
    }
    .sorted { left, right in
      if left.address.row != right.address.row { return left.address.row < right.address.row }
      let places = (order[left.address.field] ?? .max, order[right.address.field] ?? .max)
      return places.0 != places.1
        ? places.0 < places.1 : left.address.field < right.address.field
    }
    var row = CutRowBuilder.row(patient: patient, site: site, rows: rows, study: study)
    row.addDerived(study)
    return PatientRecord(
      patient: patient,
      identity: identity,
      otherIdentities: Array(identities.dropFirst()),
      values: values,
      row: row
    )
  }
}

extension SiteStore {
  private static let selectArrival = """
    SELECT at FROM site_arrival WHERE replica = ? AND last_sequence >= ?
    ORDER BY last_sequence LIMIT 1
    """
  private static let selectDevices =
    "SELECT replica FROM site_arrival GROUP BY replica ORDER BY min(at), replica"

  /// Who wrote a head, as this device can tell.
  private func origin(
    of head: Head,
    _ own: Set<ReplicaID>,
    in database: Database
  ) throws -> (isOwn: Bool, name: String, at: Int?) {
    if own.contains(head.dot.replica) {
      let entry = try AuditTrail.entry(of: head.dot, in: database)
      return (true, entry?.who ?? "this device", entry?.at)
    }
    let replica = Data(head.dot.replica.bytes)
    let at = try Int.fetchOne(
      database,
      sql: Self.selectArrival,
      arguments: [replica, Int64(head.dot.sequence)]
    )
    let devices = try Data.fetchAll(database, sql: Self.selectDevices)
    // This device is the first; the others are counted in the order in which they were met.
    let number = devices.firstIndex(of: replica).map { "device \($0 + 2)" }
    return (false, number ?? "another device", at)
  }
}
