// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

/// Batches of a later version's program: stored as they came, relayed, and read after an upgrade.
extension ReplicaTables {
  /// The sequence that a batch waits for when it waits for a newer program: no batch has it.
  private static let never = UInt64(Int64.max)

  static func newerProgram(for batch: Batch) -> ContextEntry {
    ContextEntry(replica: batch.replica, last: never, chainPrefix: [])
  }

  /// Says whether any batch waits for a newer program.
  public func needsNewerProgram(in database: Database) throws -> Bool {
    let statement = try database.cachedStatement(
      sql: """
        SELECT 1 FROM log_scope JOIN log_held ON log_held.scope = log_scope.id
        WHERE log_scope.code = ? AND needed_last = ? LIMIT 1
        """
    )
    statement.setUncheckedArguments([scope, Int64.max])
    return try Int.fetchOne(statement) != nil
  }

  /// How far each author's batches are stored, where some of them wait for a newer program.
  ///
  /// Up to there nothing need be sent again. Authors of whom no batch waits are not in it.
  public func keptVector(in database: Database) throws -> VersionVector {
    var vector = VersionVector()
    for batch in try keptBatches(in: database) {
      vector.advance(batch.replica, to: batch.lastSequence)
    }
    return vector
  }

  /// How many changesets are stored and can be shown only by a newer program.
  public func keptChangesets(in database: Database) throws -> Int {
    try keptBatches(in: database).reduce(0) {
      $0 + Int($1.lastSequence - $1.firstSequence + 1)
    }
  }

  /// Admits the batches that this program can read and its predecessor could not.
  ///
  /// What turns out to have no good form is forgotten; its sender will be told.
  ///
  /// - Returns: How many changesets were applied, with what had waited for them.
  /// - Throws: What SQLite reports.
  @discardableResult
  public func applyKept(in database: Database) throws -> Int {
    guard try needsNewerProgram(in: database) else { return 0 }
    let number = try makeNumber(in: database)
    let waiting = try Int64.fetchAll(
      database,
      sql: """
        SELECT id FROM log_held WHERE scope = ? AND needed_last = ? ORDER BY first_sequence, id
        """,
      arguments: [number, Int64.max]
    )
    var applied = 0
    for id in waiting { applied += try release(id, scope: number, in: database) }
    return try applied + releaseHeld(scope: number, in: database)
  }

  /// The unbroken run of held batches after each author's log, in the order of arrival.
  ///
  /// Empty unless one of them waits for a newer program: what waits for another batch alone is
  /// asked for again, as ever.
  func keptBatches(in database: Database) throws -> [LoggedBatch] {
    guard try needsNewerProgram(in: database) else { return [] }
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT log_held.id AS id, log_held.bytes AS bytes FROM log_held
          JOIN log_scope ON log_scope.id = log_held.scope
        WHERE log_scope.code = ? ORDER BY first_sequence, log_held.id
        """,
      arguments: [scope]
    )
    var ends: [ReplicaID: (last: UInt64, hash: BatchHash)] = [:]
    for author in try replicas(in: database) {
      ends[author.replica] = (author.logged, author.chain)
    }
    var result: [(id: Int64, batch: LoggedBatch)] = []
    for row in rows {
      let bytes: Data = row["bytes"]
      guard let batch = try? decode(bytes) else { continue }
      let end = ends[batch.replica] ?? (0, .none)
      guard batch.firstSequence == end.last + 1, batch.previous == end.hash else { continue }
      ends[batch.replica] = (batch.lastSequence, batch.hash)
      let kept = LoggedBatch(
        scope: scope,
        replica: batch.replica,
        firstSequence: batch.firstSequence,
        lastSequence: batch.lastSequence,
        hash: batch.hash,
        bytes: bytes
      )
      result.append((row["id"], kept))
    }
    return result.sorted { $0.id < $1.id }.map(\.batch)
  }
}
