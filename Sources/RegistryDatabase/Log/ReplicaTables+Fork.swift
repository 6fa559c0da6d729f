// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  /// Where an author's batches end, each with its link; 0 is always among them.
  public func batchEnds(
    of replica: ReplicaID,
    in database: Database
  ) throws -> [UInt64: BatchHash] {
    var ends: [UInt64: BatchHash] = [0: .none]
    guard let number = try number(in: database),
      let author = try LogReplica.find(replica, scope: number, in: database)
    else { return ends }
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT last_sequence, hash FROM log_batch WHERE replica = ?",
      arguments: [author.id]
    )
    while let row = try rows.next() {
      guard let last = UInt64(exactly: row[0] as Int64),
        let hash = BatchHash(bytes: row[1] as Data)
      else { throw RegistryDatabaseError.brokenLog }
      ends[last] = hash
    }
    return ends
  }

  /// Takes an author's batches after a sequence out of the log and makes the heads anew.
  ///
  /// Only a device that learnt that it was restored or copied does this, to its own batches, which
  /// it issues again under a new replica id. What is pending must be sealed before.
  ///
  /// - Parameters:
  ///   - replica: The author.
  ///   - sequence: The last sequence that stays; some batch must end there, or it is 0.
  ///   - database: The database of a write transaction.
  /// - Returns: The batches that were taken out, in the order of the chain, and their meaning with
  ///   every patient by id.
  /// - Throws: `RegistryDatabaseError.brokenLog` when no batch ends at the sequence.
  @discardableResult
  public func removeBatches(
    of replica: ReplicaID,
    after sequence: UInt64,
    in database: Database
  ) throws -> [(logged: LoggedBatch, batch: Batch)] {
    guard let number = try number(in: database),
      var author = try LogReplica.find(replica, scope: number, in: database)
    else { return [] }
    if author.logged == sequence, author.applied == sequence { return [] }
    guard let link = try author.link(at: sequence, in: database) else {
      throw RegistryDatabaseError.brokenLog
    }
    var before = try vector(in: database).entries
    before[replica] = sequence
    // Batches that wait for a newer program are in no log: they come along, and stay.
    let end = author.logged
    let removed = try batches(after: VersionVector(before), limitBytes: .max, in: database).batches
      .filter { $0.replica == replica && $0.lastSequence <= end }
    let meanings = try removed.map { logged in
      guard let batch = try resolved(try decode(logged.bytes), in: database) else {
        throw RegistryDatabaseError.brokenLog
      }
      return (logged: logged, batch: batch)
    }
    author.introduced -= meanings.reduce(0) { $0 + Int64($1.batch.introduced.count) }
    try Introductions(of: author, in: database).remove(from: author.introduced)
    try database.execute(
      sql: "DELETE FROM log_batch WHERE replica = ? AND last_sequence > ?",
      arguments: [author.id, Int64(clamping: sequence)]
    )
    try dropPending(of: author, in: database)
    author.logged = sequence
    author.chain = link
    try author.store(in: database)
    try rebuildHeads(in: database)
    return meanings
  }

  /// Takes an author's changesets that are in no batch out of the heads, which are made anew.
  ///
  /// Only a device that was made of a backup does this, to its own changesets, which it issues
  /// again under a new replica id.
  public func withdrawUnsealed(of replica: ReplicaID, in database: Database) throws {
    guard let number = try number(in: database),
      let author = try LogReplica.find(replica, scope: number, in: database)
    else { return }
    try dropPending(of: author, in: database)
    try rebuildHeads(in: database)
  }
}
