// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication

/// How far one author has come in a scope.
struct LogReplica {
  let id: Int64
  let replica: ReplicaID
  var logged: UInt64
  var chain: BatchHash
  /// How many patients its logged batches introduced.
  var introduced: Int64
  /// The last changeset that is applied and not sealed yet, which only one's own can be.
  private var pending: UInt64
  /// The last sequence applied to the heads.
  var applied: UInt64 { max(logged, pending) }

  private static let select = """
    SELECT id, replica, logged, chain, introduced,
      (SELECT max(id) FROM log_pending WHERE \(PendingKey.isOfAuthor)) & 0xFFFFFFFFFF
    FROM log_replica WHERE scope = ?
    """
  private static let selectAll = "\(select) ORDER BY replica"
  private static let selectOne = "\(select) AND replica = ?"
  private static let insert =
    "INSERT INTO log_replica (scope, replica, logged, chain) VALUES (?, ?, 0, ?)"
  private static let update =
    "UPDATE log_replica SET logged = ?, chain = ?, introduced = ? WHERE id = ?"
  private static let selectByLast =
    "SELECT hash FROM log_batch WHERE replica = ? AND last_sequence = ?"
  private static let selectByFirst =
    "SELECT hash FROM log_batch WHERE replica = ? AND first_sequence = ?"
  private static let insertBatch = """
    INSERT INTO log_batch (replica, first_sequence, last_sequence, hash, size, bytes)
    VALUES (?, ?, ?, ?, ?, ?)
    """

  private init(_ row: DirectRow) throws {
    guard let replica = row.identifier(1) as ReplicaID?, let logged = row.number(2),
      let chain = row.withBytes(3, BatchHash.init(bytes:)), let pending = row.number(5)
    else { throw RegistryDatabaseError.brokenLog }
    self.id = row.integer(0)
    self.replica = replica
    self.logged = logged
    self.chain = chain
    self.introduced = row.integer(4)
    self.pending = pending
  }

  /// Every author of a scope, by rising replica.
  static func all(scope: Int64, in database: Database) throws -> [LogReplica] {
    var result: [LogReplica] = []
    try DirectStatement(selectAll, in: database).forEach(.integer(scope)) {
      result.append(try LogReplica($0))
    }
    return result
  }

  /// One author of a scope, if anything of it was seen.
  static func find(
    _ replica: ReplicaID,
    scope: Int64,
    in database: Database
  ) throws -> LogReplica? {
    try DirectStatement(selectOne, in: database).first(
      .integer(scope),
      .identifier(replica),
      read: LogReplica.init
    )
  }

  /// One author of a scope, noted as seen from now on.
  static func make(
    _ replica: ReplicaID,
    scope: Int64,
    in database: Database
  ) throws -> LogReplica {
    if let known = try find(replica, scope: scope, in: database) { return known }
    try DirectStatement(insert, in: database).run(
      .integer(scope),
      .identifier(replica),
      .bytes(BatchHash.none.bytes)
    )
    guard let made = try find(replica, scope: scope, in: database) else {
      throw RegistryDatabaseError.brokenLog
    }
    return made
  }

  /// Stores how far the author's batches have come.
  func store(in database: Database) throws {
    try DirectStatement(Self.update, in: database).run(
      .number(logged),
      .bytes(chain.bytes),
      .integer(introduced),
      .integer(id)
    )
  }

  /// The hash of the author's batch that ends at a sequence; nil when none ends there.
  func link(at sequence: UInt64, in database: Database) throws -> BatchHash? {
    if sequence == 0 { return BatchHash.none }
    if sequence == logged { return chain }
    return try hash(Self.selectByLast, sequence, in: database)
  }

  /// The hash of the author's batch that starts at a sequence; nil when none starts there.
  func hash(from sequence: UInt64, in database: Database) throws -> BatchHash? {
    try hash(Self.selectByFirst, sequence, in: database)
  }

  private func hash(
    _ select: String,
    _ sequence: UInt64,
    in database: Database
  ) throws -> BatchHash? {
    let bytes = try DirectStatement(select, in: database).first(.integer(id), .number(sequence)) {
      $0.bytes(0)
    }
    return bytes.flatMap(BatchHash.init(bytes:))
  }

  /// Adds a batch to the log and moves this author on.
  mutating func append(_ batch: Batch, bytes: Data, in database: Database) throws {
    try DirectStatement(Self.insertBatch, in: database).run(
      .integer(id),
      .number(batch.firstSequence),
      .number(batch.lastSequence),
      .bytes(batch.hash.bytes),
      .integer(Int64(bytes.count)),
      .data(bytes)
    )
    logged = batch.lastSequence
    chain = batch.hash
    introduced += Int64(batch.introduced.count)
    try store(in: database)
  }
}

extension VersionVector {
  /// A vector of one of the sequences that a scope's authors have reached.
  init(_ replicas: [LogReplica], _ last: (LogReplica) -> UInt64) {
    self.init(
      Dictionary(replicas.map { ($0.replica, last($0)) }, uniquingKeysWith: { max($0, $1) })
    )
  }
}
