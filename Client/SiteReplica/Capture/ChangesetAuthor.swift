// SPDX-License-Identifier: Apache-2.0

import Deidentification
import GRDB
import Registry
import RegistryDatabase
import Replication
import SyncProtocol

/// Writes this device's own changesets inside one transaction.
///
/// Sequence, Lamport counter and context are read once and carried on, so that an import of many
/// rows is one transaction of many changesets.
struct ChangesetAuthor {
  private let store: SiteStore
  private let replica: ReplicaID
  private var local: LocalChangesets
  private let erased: Set<PatientID>
  /// Continues the audit trail in the same transaction.
  var trail: AuditTrail

  init(_ store: SiteStore, in database: Database) throws {
    self.store = store
    replica = try StoreMeta.replica(in: database)
    erased = Set(try store.tables.erasedPatients(in: database))
    local = try LocalChangesets(store.tables, by: replica, in: database)
    trail = try AuditTrail(database)
  }

  /// Saves one changeset and its audit entry; its heads come with `finish`.
  ///
  /// - Parameters:
  ///   - record: Whose values they are, with the registers that stood there: each value goes to
  ///     every registration that has some.
  ///   - writes: What is written, de-identified.
  ///   - reason: The reason code that leaves with the change.
  ///   - action: What the audit trail calls it.
  ///   - actor: Who does it, and when.
  /// - Returns: The new changeset's dot.
  /// - Throws: What de-identification refuses, and what the database reports.
  @discardableResult
  mutating func save(
    _ record: UnitedRecord,
    _ writes: [DeidentifiedWrite],
    reason: ChangeReason,
    action: AuditAction,
    by actor: Actor
  ) throws -> Dot {
    let fieldWrites = writes.flatMap { write in
      record.targets(write).map { FieldWrite(address: $0.address, value: write.value) }
    }
    return try save(fieldWrites, of: record, reason: reason, action: action, by: actor)
  }

  /// Saves one changeset that writes to exactly these addresses.
  @discardableResult
  mutating func save(
    _ writes: [FieldWrite],
    of record: UnitedRecord,
    reason: ChangeReason,
    action: AuditAction,
    by actor: Actor
  ) throws -> Dot {
    if !erased.isEmpty, writes.contains(where: { erased.contains($0.address.row.patient) }) {
      throw SiteReplicaError.patientErased
    }
    let dot = Dot(replica: replica, sequence: local.context[replica] + 1)
    let changeset = try store.deidentifier.readmit(
      Changeset(
        dot: dot,
        lamport: local.lamport + 1,
        reason: reason.rawValue,
        context: local.context,
        writes: writes
      )
    ).changeset
    try BatchSealer.checkSealable(changeset)
    try local.append(changeset)
    let changes = changeset.writes.map { write in
      let register = record.rows[write.address.row]?[write.address.field]
      return AuditChange(
        event: write.address.row.event,
        reader: write.address.row.reader,
        field: write.address.field,
        old: register?.heads.map { ValueText.plain($0.value) }.joined(separator: " | ") ?? "",
        new: ValueText.plain(write.value)
      )
    }
    try trail.append(
      action,
      by: actor,
      patient: record.patient,
      dot: dot,
      details: AuditDetails(reason: reason.rawValue, changes: changes)
    )
    return dot
  }

  /// Stores what was saved; the transaction must not end before.
  mutating func finish() throws { try local.finish() }
}
