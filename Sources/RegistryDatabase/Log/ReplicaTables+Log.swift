// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  /// Counters rise along an author's changesets, so that the last pending one has the greatest.
  private static let selectLamport = """
    SELECT max(lamport, coalesce((
      SELECT max((
        SELECT lamport FROM log_pending WHERE \(PendingKey.isOfAuthor)
        ORDER BY log_pending.id DESC LIMIT 1))
      FROM log_replica WHERE scope = log_scope.id), 0))
    FROM log_scope WHERE code = ?
    """

  /// What the log has: sealed and received.
  public func vector(in database: Database) throws -> VersionVector {
    VersionVector(try replicas(in: database)) { $0.logged }
  }

  /// What the heads have: the log, and one's own changesets that are not sealed yet.
  public func appliedVector(in database: Database) throws -> VersionVector {
    VersionVector(try replicas(in: database)) { $0.applied }
  }

  /// The newest chain link of every author in the log, by rising replica.
  public func chainHeads(in database: Database) throws -> [ContextEntry] {
    try replicas(in: database).filter { $0.logged > 0 }.map {
      ContextEntry(replica: $0.replica, last: $0.logged, chainPrefix: $0.chain.prefix8)
    }
  }

  /// The newest chain link of an author; `.none` when nothing of it is in the log.
  public func chainHead(of replica: ReplicaID, in database: Database) throws -> BatchHash {
    guard let number = try number(in: database) else { return .none }
    return try LogReplica.find(replica, scope: number, in: database)?.chain ?? .none
  }

  /// The hash of an author's batch that ends at a sequence; nil when none in the log ends there.
  public func chainLink(
    of replica: ReplicaID,
    at sequence: UInt64,
    in database: Database
  ) throws -> BatchHash? {
    guard let number = try number(in: database) else { return nil }
    return try LogReplica.find(replica, scope: number, in: database)?
      .link(at: sequence, in: database)
  }

  /// The greatest Lamport counter seen.
  public func lamport(in database: Database) throws -> UInt64 {
    try DirectStatement(Self.selectLamport, in: database).first(.text(scope)) { $0.number(0) ?? 0 }
      ?? 0
  }

  /// Batches that a vector lacks, in the order of arrival, which is causal.
  ///
  /// Batches that wait for a newer program, and what follows them, come last: they are relayed
  /// unread. The bytes of all come to at most `limitBytes`, but at least one batch is returned when
  /// any is lacking.
  public func batches(
    after vector: VersionVector,
    limitBytes: Int,
    in database: Database
  ) throws -> (batches: [LoggedBatch], hasMore: Bool) {
    var lacking: [(id: Int64, size: Int)] = []
    for author in try replicas(in: database) where author.logged > vector[author.replica] {
      let rows = try Row.fetchCursor(
        database,
        sql: "SELECT id, size FROM log_batch WHERE replica = ? AND last_sequence > ?",
        arguments: [author.id, Int64(clamping: vector[author.replica])]
      )
      while let row = try rows.next() { lacking.append((row["id"], row["size"])) }
    }
    lacking.sort { $0.id < $1.id }
    var result: [LoggedBatch] = []
    var total = 0
    for (id, size) in lacking {
      total += size
      if !result.isEmpty, total > limitBytes { return (result, true) }
      result.append(try batch(id: id, in: database))
    }
    for kept in try keptBatches(in: database) where kept.lastSequence > vector[kept.replica] {
      total += kept.bytes.count
      if !result.isEmpty, total > limitBytes { return (result, true) }
      result.append(kept)
    }
    return (result, false)
  }

  /// Reads every batch of the log in the order of arrival.
  public func forEachBatch(
    in database: Database,
    _ body: (LoggedBatch) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT log_replica.replica AS author, log_batch.* FROM log_batch
          JOIN log_replica ON log_replica.id = log_batch.replica
          JOIN log_scope ON log_scope.id = log_replica.scope
        WHERE log_scope.code = ? ORDER BY log_batch.id
        """,
      arguments: [scope]
    )
    while let row = try rows.next() { try body(try logged(row)) }
  }

  /// Every address that was ever in conflict in the log, resolved or not, in order.
  ///
  /// One pass over the log, and none where one author wrote all of it: its own writes never
  /// conflict.
  ///
  /// - Parameters:
  ///   - names: By registration, the patient at whose addresses its writes meet others.
  ///   - ownField: A field that stays at each registration's own address.
  ///   - database: The database of a running transaction.
  /// - Returns: The addresses; links among them at their own registrations.
  /// - Throws: What decoding and SQLite report.
  public func everInConflict(
    uniting names: [PatientID: PatientID],
    exceptFor ownField: String,
    in database: Database
  ) throws -> [Address] {
    guard try replicas(in: database).count(where: { $0.logged > 0 }) > 1 else { return [] }
    var history = ConflictHistory(uniting: names, exceptFor: ownField)
    try forEachBatch(in: database) { logged in
      guard let batch = try resolved(try decode(logged.bytes), in: database) else {
        throw RegistryDatabaseError.brokenLog
      }
      for changeset in batch.changesets { history.add(changeset) }
    }
    return history.addresses
  }

  func replicas(in database: Database) throws -> [LogReplica] {
    guard let number = try number(in: database) else { return [] }
    return try LogReplica.all(scope: number, in: database)
  }

  private func batch(id: Int64, in database: Database) throws -> LoggedBatch {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT log_replica.replica AS author, log_batch.* FROM log_batch
          JOIN log_replica ON log_replica.id = log_batch.replica WHERE log_batch.id = ?
        """,
      arguments: [id]
    )
    guard let row else { throw RegistryDatabaseError.brokenLog }
    return try logged(row)
  }

  private func logged(_ row: Row) throws -> LoggedBatch {
    guard let replica = ReplicaID(bytes: row["author"] as Data),
      let first = UInt64(exactly: row["first_sequence"] as Int64),
      let last = UInt64(exactly: row["last_sequence"] as Int64),
      let hash = BatchHash(bytes: row["hash"] as Data)
    else { throw RegistryDatabaseError.brokenLog }
    return LoggedBatch(
      scope: scope,
      replica: replica,
      firstSequence: first,
      lastSequence: last,
      hash: hash,
      bytes: row["bytes"]
    )
  }
}
