// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication

/// How far one author has come in a scope.
struct LogReplica {
  let id: Int64
  let replica: ReplicaID
  var applied: UInt64
  var logged: UInt64
  var chain: BatchHash
  /// How many patients its logged batches introduced.
  var introduced: Int64

  private init(_ row: Row) throws {
    guard let replica = ReplicaID(bytes: row["replica"] as Data),
      let applied = UInt64(exactly: row["applied"] as Int64),
      let logged = UInt64(exactly: row["logged"] as Int64),
      let chain = BatchHash(bytes: row["chain"] as Data)
    else { throw RegistryDatabaseError.brokenLog }
    self.id = row["id"]
    self.replica = replica
    self.applied = applied
    self.logged = logged
    self.chain = chain
    self.introduced = row["introduced"]
  }

  /// Every author of a scope, by rising replica.
  static func all(scope: Int64, in database: Database) throws -> [LogReplica] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM log_replica WHERE scope = ? ORDER BY replica"
    )
    statement.setUncheckedArguments([scope])
    return try Row.fetchAll(statement).map(LogReplica.init)
  }

  /// One author of a scope, if anything of it was seen.
  static func find(
    _ replica: ReplicaID,
    scope: Int64,
    in database: Database
  ) throws -> LogReplica? {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM log_replica WHERE scope = ? AND replica = ?"
    )
    statement.setUncheckedArguments([scope, Data(replica.bytes)])
    return try Row.fetchOne(statement).map(LogReplica.init)
  }

  /// One author of a scope, noted as seen from now on.
  static func make(
    _ replica: ReplicaID,
    scope: Int64,
    in database: Database
  ) throws -> LogReplica {
    if let known = try find(replica, scope: scope, in: database) { return known }
    try database.execute(
      sql:
        "INSERT INTO log_replica (scope, replica, applied, logged, chain) VALUES (?, ?, 0, 0, ?)",
      arguments: [scope, Data(replica.bytes), Data(BatchHash.none.bytes)]
    )
    guard let made = try find(replica, scope: scope, in: database) else {
      throw RegistryDatabaseError.brokenLog
    }
    return made
  }

  /// Stores how far the author has come.
  func store(in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "UPDATE log_replica SET applied = ?, logged = ?, chain = ?, introduced = ? WHERE id = ?"
    )
    statement.setUncheckedArguments([
      Int64(clamping: applied), Int64(clamping: logged), Data(chain.bytes), introduced, id,
    ])
    try statement.execute()
  }

  /// The hash of the author's batch that ends at a sequence; nil when none ends there.
  func link(at sequence: UInt64, in database: Database) throws -> BatchHash? {
    if sequence == 0 { return BatchHash.none }
    if sequence == logged { return chain }
    let statement = try database.cachedStatement(
      sql: "SELECT hash FROM log_batch WHERE replica = ? AND last_sequence = ?"
    )
    statement.setUncheckedArguments([id, Int64(clamping: sequence)])
    return try Data.fetchOne(statement).flatMap(BatchHash.init(bytes:))
  }

  /// The hash of the author's batch that starts at a sequence; nil when none starts there.
  func hash(from sequence: UInt64, in database: Database) throws -> BatchHash? {
    let statement = try database.cachedStatement(
      sql: "SELECT hash FROM log_batch WHERE replica = ? AND first_sequence = ?"
    )
    statement.setUncheckedArguments([id, Int64(clamping: sequence)])
    return try Data.fetchOne(statement).flatMap(BatchHash.init(bytes:))
  }

  /// Adds a batch to the log and moves this author on.
  mutating func append(_ batch: Batch, bytes: Data, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO log_batch (replica, first_sequence, last_sequence, hash, size, bytes)
        VALUES (?, ?, ?, ?, ?, ?)
        """
    )
    statement.setUncheckedArguments([
      id, Int64(clamping: batch.firstSequence), Int64(clamping: batch.lastSequence),
      Data(batch.hash.bytes), bytes.count, bytes,
    ])
    try statement.execute()
    logged = batch.lastSequence
    applied = max(applied, logged)
    chain = batch.hash
    introduced += Int64(batch.introduced.count)
    try store(in: database)
  }
}
