// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import GRDB
public import Replication

/// What became of a batch that was offered to the tables.
public typealias Admission = BatchAdmission

/// A batch as the log keeps it.
public struct LoggedBatch: Hashable, Sendable {
  /// The site.
  public let scope: String
  /// The author.
  public let replica: ReplicaID
  /// The first changeset's sequence.
  public let firstSequence: UInt64
  /// The last changeset's sequence.
  public let lastSequence: UInt64
  /// The chain link.
  public let hash: BatchHash
  /// The sealed bytes.
  public let bytes: Data
}

/// The log, the heads and the digest of one scope, inside a transaction of the caller.
///
/// Every function takes the database of a running `write` or `read`; whatever they change commits
/// or rolls back with the caller's own rows.
public struct ReplicaTables: Sendable {
  /// The site whose tables these are.
  public let scope: String
  let decode: @Sendable (Data) throws -> Batch
  let redact: @Sendable (Data, [PatientID: PatientID]) throws -> Data?
  /// How many patients are at least recent before they settle.
  var recentLimit = PatientFilter.recentLimit

  /// Most batches that wait in a scope; more are refused a place and asked for again.
  public static let heldLimit = 4096

  /// Makes the tables of a scope.
  ///
  /// - Parameters:
  ///   - scope: The site.
  ///   - decode: Reads the meaning of sealed bytes again, for batches that waited and for rebuilding.
  ///   - redact: Takes patients out of sealed bytes, each by what names it in the decoded batch; nil
  ///     when nothing of them is there.
  public init(
    scope: String,
    decoding decode: @escaping @Sendable (Data) throws -> Batch,
    redacting redact: @escaping @Sendable (Data, [PatientID: PatientID]) throws -> Data?
  ) {
    self.scope = scope
    self.decode = decode
    self.redact = redact
  }

  /// The scope's number; nil while nothing was ever written to it.
  func number(in database: Database) throws -> Int64? {
    try DirectStatement(Self.selectNumber, in: database).first(.text(scope)) { $0.integer(0) }
  }

  /// The scope's number, made when there is none.
  func makeNumber(in database: Database) throws -> Int64 {
    if let known = try number(in: database) { return known }
    try DirectStatement(Self.insertScope, in: database).run(
      .text(scope),
      .bytes(StateDigest().bytes)
    )
    return database.lastInsertedRowID
  }
}

extension ReplicaTables {
  private static let selectNumber = "SELECT id FROM log_scope WHERE code = ?"
  private static let insertScope = "INSERT INTO log_scope (code, digest) VALUES (?, ?)"

  /// Applies changesets of one's own to the heads at once; their batch comes later.
  ///
  /// - Throws: `RegistryDatabaseError.outOfSequence` or `.contextNotPresent`, and what SQLite
  ///   reports.
  public func applyLocal(_ changesets: [Changeset], in database: Database) throws {
    guard let first = changesets.first else { return }
    var local = try LocalChangesets(self, by: first.dot.replica, in: database)
    for changeset in changesets { try local.append(changeset) }
    try local.finish()
  }

  /// Adds one's own sealed batch, whose changesets are applied already, to the log.
  ///
  /// - Throws: `RegistryDatabaseError.outOfSequence`, and what SQLite reports.
  public func appendSealed(_ batch: Batch, bytes: Data, in database: Database) throws {
    guard batch.site == scope else { throw RegistryDatabaseError.scopeDiffers }
    let scope = try makeNumber(in: database)
    var author = try LogReplica.make(batch.replica, scope: scope, in: database)
    guard batch.firstSequence == author.logged + 1, batch.lastSequence <= author.applied,
      batch.previous == author.chain
    else {
      throw RegistryDatabaseError.outOfSequence(
        expected: Dot(replica: batch.replica, sequence: author.logged + 1)
      )
    }
    var writer = HeadWriter(scope: scope, database: database)
    try noteIntroduced(batch, by: author, &writer, in: database)
    try takePending(upTo: batch.lastSequence, of: author, scope: scope, in: database)
    try author.append(batch, bytes: bytes, in: database)
  }
}
