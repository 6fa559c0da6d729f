// SPDX-License-Identifier: Apache-2.0
public import GRDB
public import Replication

extension ReplicaTables {
  private static let joined = """
    FROM log_scope JOIN log_replica ON scope = log_scope.id
      JOIN log_pending ON \(PendingKey.isOfAuthor)
    WHERE code = ?
    """
  private static let selectAnyPending = "SELECT 1 \(joined) LIMIT 1"
  private static let selectPending = """
    SELECT log_replica.replica, \(PendingKey.sequence), log_pending.lamport, changeset,
      log_pending.digest
    \(joined) ORDER BY log_pending.id
    """
  private static let takePending =
    "DELETE FROM log_pending WHERE id BETWEEN ? AND ? RETURNING lamport, digest"
  private static let deletePending = "DELETE FROM log_pending WHERE id BETWEEN ? AND ?"
  private static let clearGains = """
    UPDATE log_pending SET digest = x'' WHERE digest <> x'' AND id BETWEEN ? AND ?
    """
  private static let setGain = "UPDATE log_pending SET digest = ? WHERE id = ?"

  /// Whether any of one's own changesets is applied and not sealed yet.
  public func hasPending(in database: Database) throws -> Bool {
    try DirectStatement(Self.selectAnyPending, in: database).first(.text(scope)) { _ in true }
      ?? false
  }

  /// One's own changesets that are applied and not sealed yet, in their order.
  ///
  /// - Parameters:
  ///   - writeLimit: As many as have no more writes than this, but at least one.
  ///   - database: The database of a read or write.
  /// - Returns: The first of them.
  /// - Throws: `RegistryDatabaseError.brokenLog`, and what SQLite reports.
  public func pendingChangesets(
    writeLimit: Int = .max,
    in database: Database
  ) throws -> [Changeset] {
    var result: [Changeset] = []
    var rest = writeLimit
    try DirectStatement(Self.selectPending, in: database).forEachUntil(.text(scope)) { row in
      guard let replica = row.identifier(0) as ReplicaID?, let sequence = row.number(1),
        let lamport = row.number(2),
        let changeset = PackedChangeset.decode(
          row.bytes(3),
          dot: Dot(replica: replica, sequence: sequence),
          lamport: lamport
        )
      else { throw RegistryDatabaseError.brokenLog }
      rest -= changeset.writes.count
      if rest < 0, !result.isEmpty { return true }
      result.append(changeset)
      return rest <= 0
    }
    return result
  }

  /// What the digest will gain when all that is pending is in the log.
  func pendingGain(in database: Database) throws -> DigestChange {
    var sum = DigestChange()
    try DirectStatement(Self.selectPending, in: database).forEach(.text(scope)) { row in
      try sum.add(row.bytes(4))
    }
    return sum
  }

  /// Says anew what the digest gains by all that is pending of an author.
  func setPendingGain(
    _ gain: DigestChange,
    of replica: ReplicaID,
    scope: Int64,
    in database: Database
  ) throws {
    guard let author = try LogReplica.find(replica, scope: scope, in: database) else { return }
    let last = PendingKey.key(author: author.id, sequence: author.applied)
    try DirectStatement(Self.clearGains, in: database).run(
      .integer(PendingKey.key(author: author.id, sequence: 0)),
      .integer(last)
    )
    try DirectStatement(Self.setGain, in: database).run(.bytes(gain.bytes), .integer(last))
  }

  /// Moves what pending changesets carry into the scope, as their batch enters the log.
  func takePending(
    upTo last: UInt64,
    of author: LogReplica,
    scope: Int64,
    in database: Database
  ) throws {
    var gain = DigestChange()
    var lamport: UInt64 = 0
    let statement = try DirectStatement(Self.takePending, in: database)
    try statement.forEach(
      .integer(PendingKey.key(author: author.id, sequence: 0)),
      .integer(PendingKey.key(author: author.id, sequence: last))
    ) { row in
      lamport = max(lamport, row.number(0) ?? 0)
      try gain.add(row.bytes(1))
    }
    try add(gain, lamport: lamport, scope: scope, in: database)
  }

  /// Forgets what is pending of an author.
  func dropPending(of author: LogReplica, in database: Database) throws {
    try DirectStatement(Self.deletePending, in: database).run(
      .integer(PendingKey.key(author: author.id, sequence: 0)),
      .integer(PendingKey.key(author: author.id, sequence: PendingKey.greatestSequence))
    )
  }
}
