// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
public import Replication
import SyncProtocol

extension SiteStore {
  /// The patient of a record number, or of a patient id of 32 hexadecimal digits.
  ///
  /// - Throws: `SiteReplicaError.unknownPatient` when there is none, and `.registeredTwice` when the
  ///   number stands for several that were not merged.
  public func patient(mrn: String, vault: Vault) throws(SiteReplicaError) -> PatientID {
    guard let key = PatientKey(mrn), let known = try knownIdentity(key, vault: vault) else {
      throw .unknownPatient
    }
    return known.patient
  }

  /// The identity under a record number or patient id; nil when the vault knows none.
  ///
  /// - Throws: `SiteReplicaError.registeredTwice`: which of several is meant is never guessed.
  func knownIdentity(_ key: PatientKey, vault: Vault) throws(SiteReplicaError) -> Identity? {
    let known = try vaultCall { () throws(VaultError) in try vault.registrations(mrn: key.text) }
    if let first = known.first {
      try checkMerged(known.ids)
      return first
    }
    // A registration that shares its record number with another is named by its id.
    guard let patient = PatientID(hex: key.text) else { return nil }
    return try vaultCall { () throws(VaultError) in try vault.identity(of: patient) }
  }

  private func checkMerged(_ registrations: [PatientID]) throws(SiteReplicaError) {
    guard registrations.count > 1 else { return }
    let members: [PatientID] = try read { try links(in: $0).members(of: registrations[0]) }
    guard registrations.allSatisfy(members.contains) else { throw .registeredTwice(registrations) }
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

  /// The values of one patient that changed since they were shown, with those that were shown.
  ///
  /// - Parameters:
  ///   - mrn: The record number.
  ///   - fields: The fields of interest.
  ///   - shown: What the person saw.
  ///   - vault: Where the patient is found.
  /// - Returns: Every such value at every event and reader, by address.
  /// - Throws: `SiteReplicaError.unknownPatient`.
  public func changes(
    of mrn: String,
    fields: [String],
    since shown: ShownHeads,
    vault: Vault
  ) throws(SiteReplicaError) -> [ChangedValue] {
    let patient = try patient(mrn: mrn, vault: vault)
    let identity = try vaultCall { () throws(VaultError) in try vault.identity(of: patient) }
    return try read { database in
      let record = try unitedRecord(of: patient, in: database)
      let isOutdated = try isStartOutdated(record.rows) { try vault.identity(of: $0) }
      let start = isOutdated ? nil : identity?.treatmentStart
      let own = Set(try StoreMeta.ownReplicas(in: database))
      var changed: [ChangedValue] = []
      for (row, heads) in record.united {
        for (field, register) in heads
        where fields.contains(field) && !register.heads.allSatisfy({ shown.covers($0.dot) }) {
          let address = Address(row: row, field: field)
          let former = try former(address, record.registrations, shown, in: database)
          changed.append(
            ChangedValue(
              address: address,
              shown: former.heads.map { ValueText.text($0.value, from: start) },
              present: try sides(of: register, from: start, own, in: database)
            )
          )
        }
      }
      return changed.sorted { $0.address < $1.address }
    }
  }

  /// The register of an address as it was shown, merged from the log again.
  private func former(
    _ address: Address,
    _ registrations: [PatientID],
    _ shown: ShownHeads,
    in database: Database
  ) throws -> Register {
    let places = Set(
      registrations.map {
        Address(
          row: RowAddress(patient: $0, event: address.row.event, reader: address.row.reader),
          field: address.field
        )
      }
    )
    var register = Register()
    try forEachChangeset(in: database) { changeset in
      guard shown.covers(changeset.dot) else { return }
      for write in changeset.writes where places.contains(write.address) {
        register.apply(
          value: write.value,
          dot: changeset.dot,
          lamport: changeset.lamport,
          context: changeset.context
        )
      }
    }
    return register
  }

  /// Every changeset of the log, then those that are not sealed, with patients by id.
  func forEachChangeset(in database: Database, _ body: (Changeset) -> Void) throws {
    try tables.forEachBatch(in: database) { logged in
      let batch = try ReceivedBatch.batch(of: logged.bytes)
      guard let resolved = try tables.resolved(batch, in: database) else {
        throw SiteReplicaError.storeDamaged("patients of a batch")
      }
      resolved.changesets.forEach(body)
    }
    try pendingChangesets(in: database).forEach(body)
  }

  /// The values of a register, and where each comes from.
  private func sides(
    of register: Register,
    from start: CalendarDate?,
    _ own: Set<ReplicaID>,
    in database: Database
  ) throws -> [ConflictReport.Side] {
    let provisional = register.provisional?.dot
    return try register.heads.map { head in
      let origin = try origin(of: head, own, in: database)
      return ConflictReport.Side(
        dot: head.dot,
        text: ValueText.text(head.value, from: start),
        isOwn: origin.isOwn,
        origin: origin.name,
        at: origin.at,
        isProvisional: head.dot == provisional
      )
    }
  }

  /// Everything known of every patient once, by patient id.
  ///
  /// - Parameter vault: The open vault; nil for records without identities.
  /// - Returns: The records.
  /// - Throws: `SiteReplicaError`.
  public func records(vault: Vault?) throws(SiteReplicaError) -> [PatientRecord] {
    var identities: [PatientID: Identity] = [:]
    if let vault {
      identities = try vaultCall { () throws(VaultError) in try vault.identities() }
    }
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
    let identities = try vault.map { vault throws(SiteReplicaError) in
      try vaultCall { () throws(VaultError) in try vault.identities() }
    }
    return try read { database in
      let own = Set(try StoreMeta.ownReplicas(in: database))
      return try conflictRegisters(in: database).map { address, register in
        let identity = identities?[address.row.patient]
        let record = try unitedRecord(of: address.row.patient, in: database)
        let isOutdated = isStartOutdated(record.rows) { identities?[$0] }
        let start = isOutdated ? nil : identity?.treatmentStart
        return ConflictReport(
          address: address,
          mrn: identity?.mrn,
          sides: try sides(of: register, from: start, own, in: database),
          shown: ShownHeads(record.united.values.flatMap(\.values))
        )
      }
    }
  }

  private func record(
    _ patient: PatientID,
    _ rows: [RowAddress: RowHeads],
    _ identities: [Identity]
  ) -> PatientRecord {
    let roles = study.profile.roles
    let isOutdated = isStartOutdated(rows) { patient in
      identities.first { $0.patient == patient }
    }
    let start = isOutdated ? nil : identities.first?.treatmentStart
    let identity = identities.first?.withoutRevision
    let rows = MergedPatients.united(rows, as: patient, linkField: study.profile.roles.link)
    var order: [String: Int] = [:]
    for (index, field) in study.dictionary.fields.enumerated() where order[field.name] == nil {
      order[field.name] = index
    }
    let values = rows.flatMap { address, heads in
      heads.filter { $0.key != roles.startRevision }.map { field, register in
        RecordedValue(
          address: Address(row: address, field: field),
          definition: study.dictionary.field(field, event: address.event),
          register: register,
          text: register.value.map { ValueText.text($0, from: start) } ?? ""
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
      row: row,
      isStartOutdated: isOutdated
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

  private static let selectIsCenter = """
    SELECT 1 FROM site_replica_key JOIN site_meta ON site_meta.value = site_replica_key.public_key
    WHERE site_replica_key.replica = ? AND site_meta.name = ?
    """

  /// Whether the coordinating centre's key signs a replica's batches.
  private func isCenter(_ replica: ReplicaID, in database: Database) throws -> Bool {
    try Int.fetchOne(
      database,
      sql: Self.selectIsCenter,
      arguments: [Data(replica.bytes), MetaKey.centerPublicKey.rawValue]
    ) != nil
  }

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
    if try isCenter(head.dot.replica, in: database) {
      return (false, "the coordinating centre", at)
    }
    // This device is the first; the others are counted in the order in which they were met.
    let number = devices.firstIndex(of: replica).map { "device \($0 + 2)" }
    return (false, number ?? "another device", at)
  }
}
