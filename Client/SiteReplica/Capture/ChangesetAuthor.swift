// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

/// Writes this device's own changesets inside one transaction.
///
/// Sequence, Lamport counter and context are read once and carried on, so that an import of many
/// rows is one transaction of many changesets.
struct ChangesetAuthor {
  private static let insertPending =
    "INSERT INTO site_pending (sequence, changeset) VALUES (?, ?)"

  private let store: SiteStore
  private let database: Database
  private let replica: ReplicaID
  private var context: VersionVector
  private var lamport: UInt64
  /// Saved to `pending`, and applied to the heads all at once by `finish`.
  private var saved: [Changeset] = []
  /// Continues the audit trail in the same transaction.
  var trail: AuditTrail

  init(_ store: SiteStore, in database: Database) throws {
    self.store = store
    self.database = database
    replica = try StoreMeta.replica(in: database)
    context = try store.tables.appliedVector(in: database)
    lamport = try store.tables.lamport(in: database)
    trail = try AuditTrail(database)
  }

  /// Saves one changeset to `pending` and the audit trail; its heads come with `finish`.
  ///
  /// - Parameters:
  ///   - patient: Whose values they are.
  ///   - writes: What is written, de-identified.
  ///   - former: The registers that stood there, for the audit's old values.
  ///   - reason: The reason code that leaves with the change.
  ///   - action: What the audit trail calls it.
  ///   - actor: Who does it, and when.
  /// - Returns: The new changeset's dot.
  /// - Throws: What de-identification refuses, and what the database reports.
  @discardableResult
  mutating func save(
    _ patient: PatientID,
    _ writes: [DeidentifiedWrite],
    over former: [RowAddress: RowHeads],
    reason: String,
    action: AuditAction,
    by actor: Actor
  ) throws -> Dot {
    let dot = Dot(replica: replica, sequence: context[replica] + 1)
    lamport += 1
    let deidentified = try store.deidentifier.changeset(
      dot: dot,
      lamport: lamport,
      reason: reason,
      context: context,
      patient: patient,
      writes: writes
    )
    let changeset = deidentified.changeset
    saved.append(changeset)
    try database.cachedStatement(sql: Self.insertPending).execute(
      arguments: [Int64(dot.sequence), try ChangesetCodec.encode(changeset)])
    context.advance(replica, to: dot.sequence)
    let changes = changeset.writes.map { write in
      let register = former[write.address.row]?[write.address.field]
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
      patient: patient,
      dot: dot,
      details: AuditDetails(reason: reason, changes: changes)
    )
    return dot
  }

  /// Applies what was saved to the heads; the transaction must not end before.
  mutating func finish() throws {
    try store.tables.applyLocal(saved, in: database)
    saved = []
  }
}
