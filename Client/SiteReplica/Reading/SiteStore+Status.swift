// SPDX-License-Identifier: Apache-2.0

public import Foundation
import GRDB
import Registry
import RegistryDatabase
public import Replication
import SyncProtocol

/// What would leave with the next sync, before anything is sealed or sent.
public struct Outbox: Sendable {
  /// A sealed batch that the centre has not acknowledged.
  public struct SealedEntry: Sendable {
    /// The author.
    public let replica: ReplicaID
    /// The first and last sequence.
    public let sequences: ClosedRange<UInt64>
    /// Exactly what leaves.
    public let bytes: Data
    /// What the bytes mean.
    public let batch: Batch
  }

  /// Sealed batches, in the order in which they will leave.
  public let sealed: [SealedEntry]
  /// Saved changesets that the next sync will seal.
  public let pending: [Changeset]
}

extension SiteStore {
  /// How the device stands.
  public func status() throws(SiteReplicaError) -> StoreStatus {
    try read { database in
      let applied = try tables.appliedVector(in: database)
      let stated = try StoreMeta.centerVector(in: database)
      return StoreStatus(
        site: site,
        replica: try StoreMeta.replica(in: database),
        changesets: applied.entries.values.reduce(0) { $0 + Int($1) },
        unsent: SyncEngine.unsent(applied, stated),
        conflicts: try conflictRegisters(in: database).count,
        patients: Set(try tables.patients(in: database).map(try links(in: database).name)).count,
        lastSync: try StoreMeta.integer(.lastSync, in: database),
        lastDigestEqual: try StoreMeta.text(.lastDigestEqual, in: database).map { $0 == "1" },
        server: try StoreMeta.text(.server, in: database),
        modelVersion: try modelVersion(in: database),
        waitingChangesets: try tables.keptChangesets(in: database),
        unknownValues: try unknownValues(in: database)
      )
    }
  }

  /// Shows what would leave; seals and sends nothing.
  public func outbox() throws(SiteReplicaError) -> Outbox {
    try read { database in
      let stated = try StoreMeta.centerVector(in: database)
      let logged = try tables.batches(after: stated, limitBytes: .max, in: database).batches
      return Outbox(
        sealed: try logged.map { entry in
          let batch = try ReceivedBatch.decode(entry.bytes).batch
          guard let resolved = try tables.resolved(batch, in: database) else {
            throw SiteReplicaError.storeDamaged("patients of a batch")
          }
          return Outbox.SealedEntry(
            replica: entry.replica,
            sequences: entry.firstSequence...entry.lastSequence,
            bytes: entry.bytes,
            batch: resolved
          )
        },
        pending: try pendingChangesets(in: database)
      )
    }
  }

  /// The audit trail.
  public func auditEntries() throws(SiteReplicaError) -> [AuditEntry] {
    try read { try AuditTrail.entries(in: $0) }
  }

  /// The number of the first audit entry that was changed afterwards; nil when none was.
  public func firstAuditBreak() throws(SiteReplicaError) -> Int64? {
    try read { try AuditTrail.firstBreak(in: $0) }
  }
}
