// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  /// The 32-byte root of the digest of all heads.
  public func stateRoot(in database: Database) throws -> [UInt8] {
    try digest(in: database).root
  }

  /// The 256 buckets of the digest, 4096 bytes.
  public func stateBuckets(in database: Database) throws -> [UInt8] {
    try digest(in: database).bytes
  }

  /// Computes the digest from the stored rows instead of reading the one that is kept in step.
  public func recomputedDigest(in database: Database) throws -> StateDigest {
    var digest = StateDigest()
    try forEachPatient(in: database) { _, rows in
      for (address, row) in rows {
        for (field, register) in row {
          digest.replace(Register(), by: register, at: Address(row: address, field: field))
        }
      }
    }
    return digest
  }

  /// Throws all heads away and merges the log again, then one's own unsealed changesets.
  ///
  /// - Parameters:
  ///   - pending: The unsealed changesets, by rising sequence.
  ///   - database: The database of a write transaction.
  /// - Throws: What decoding and SQLite report.
  public func rebuildHeads(pending: [Changeset] = [], in database: Database) throws {
    let number = try makeNumber(in: database)
    try database.execute(
      sql: """
        DELETE FROM head_row WHERE patient IN (SELECT id FROM head_patient WHERE scope = ?)
        """,
      arguments: [number]
    )
    try database.execute(
      sql: "UPDATE log_scope SET digest = ?, lamport = 0 WHERE id = ?",
      arguments: [Data(StateDigest().bytes), number]
    )
    try forEachBatch(in: database) { logged in
      var writer = HeadWriter(scope: number, database: database)
      guard let batch = try resolved(try decode(logged.bytes), in: database) else {
        throw RegistryDatabaseError.brokenLog
      }
      for changeset in batch.changesets { try writer.apply(changeset) }
      try writer.store()
    }
    var writer = HeadWriter(scope: number, database: database)
    for changeset in pending { try writer.apply(changeset) }
    try writer.store()
  }

  private func digest(in database: Database) throws -> StateDigest {
    let stored = try Data.fetchOne(
      database,
      sql: "SELECT digest FROM log_scope WHERE code = ?",
      arguments: [scope]
    )
    guard let stored else { return StateDigest() }
    guard let digest = StateDigest(bytes: stored) else { throw RegistryDatabaseError.brokenLog }
    return digest
  }
}
