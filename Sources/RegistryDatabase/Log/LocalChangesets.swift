// SPDX-License-Identifier: Apache-2.0
package import GRDB
package import Replication

/// Applies changesets of one's own to the heads at once; their batch comes later.
///
/// What the tables hold is read once and carried on, and rows are stored once, by `finish`, before
/// which the transaction must not end. A save so writes the heads of its rows and one row of
/// `log_pending`, and nothing else of the log: sequence, Lamport counter and the digest's gain wait
/// there until the batch is sealed.
package struct LocalChangesets {
  private static let insert =
    "INSERT INTO log_pending (id, lamport, changeset, digest) VALUES (?, ?, ?, ?)"

  private let database: Database
  private let tables: ReplicaTables
  private let scope: Int64
  private let author: LogReplica
  private var writer: HeadWriter
  private var pending: [(sequence: UInt64, lamport: UInt64, bytes: [UInt8])] = []
  /// What is applied here, these changesets included.
  package private(set) var context: VersionVector
  /// The greatest Lamport counter seen.
  package private(set) var lamport: UInt64

  package init(_ tables: ReplicaTables, by replica: ReplicaID, in database: Database) throws {
    let scope = try tables.makeNumber(in: database)
    let known = try LogReplica.all(scope: scope, in: database)
    self.database = database
    self.tables = tables
    self.scope = scope
    author =
      try known.first { $0.replica == replica }
      ?? LogReplica.make(replica, scope: scope, in: database)
    writer = HeadWriter(scope: scope, database: database)
    context = VersionVector(known) { $0.applied }
    lamport = try tables.lamport(in: database)
  }

  /// Applies one changeset.
  ///
  /// - Throws: `RegistryDatabaseError.outOfSequence` or `.contextNotPresent`, and what SQLite
  ///   reports.
  package mutating func append(_ changeset: Changeset) throws {
    let expected = Dot(replica: author.replica, sequence: context[author.replica] + 1)
    guard changeset.dot == expected, expected.sequence <= PendingKey.greatestSequence else {
      throw RegistryDatabaseError.outOfSequence(expected: expected)
    }
    guard context.dominates(changeset.context) else {
      throw RegistryDatabaseError.contextNotPresent(changeset.dot)
    }
    writer.apply(changeset)
    let bytes = PackedChangeset.encode(changeset)
    pending.append((expected.sequence, changeset.lamport, bytes))
    context.advance(author.replica, to: expected.sequence)
    lamport = max(lamport, changeset.lamport)
  }

  /// Stores the rows and the changesets; the last of these carries what the digest gains by all.
  package mutating func finish() throws {
    let gain = try writer.store().bytes
    let statement = try DirectStatement(Self.insert, in: database)
    for (index, entry) in pending.enumerated() {
      try statement.run(
        .integer(PendingKey.key(author: author.id, sequence: entry.sequence)),
        .number(entry.lamport),
        .bytes(entry.bytes),
        .bytes(index == pending.count - 1 ? gain : [])
      )
    }
    pending = []
    try tables.redactPending(of: writer.newlyErased, in: database)
    try tables.redactLog(of: writer.newlyErased, scope: scope, in: database)
  }
}
