// SPDX-License-Identifier: Apache-2.0
public import GRDB
public import Replication

extension ReplicaTables {
  private static let selectAnyPending = """
    SELECT 1 FROM log_scope JOIN log_replica ON scope = log_scope.id
      JOIN log_pending ON log_pending.replica = log_replica.id
    WHERE code = ? LIMIT 1
    """
  private static let selectPending = """
    SELECT log_replica.replica, sequence, log_pending.lamport, changeset, log_pending.digest
    FROM log_scope JOIN log_replica ON scope = log_scope.id
      JOIN log_pending ON log_pending.replica = log_replica.id
    WHERE code = ? ORDER BY log_pending.replica, sequence
    """
  private static let takePending = """
    DELETE FROM log_pending WHERE replica = ? AND sequence <= ? RETURNING lamport, digest
    """
  private static let deletePending = "DELETE FROM log_pending WHERE replica = ?"
  private static let clearGains = """
    UPDATE log_pending SET digest = x'' WHERE digest <> x'' AND replica = ?
    """
  private static let setGain = """
    UPDATE log_pending SET digest = ? WHERE replica = ? AND sequence = ?
    """

  /// Whether any of one's own changesets is applied and not sealed yet.
  public func hasPending(in database: Database) throws -> Bool {
    try DirectStatement(Self.selectAnyPending, in: database).first(.text(scope)) { _ in true }
      ?? false
  }

  /// One's own changesets that are applied and not sealed yet, in their order.
  ///
  /// - Throws: `RegistryDatabaseError.brokenLog`, and what SQLite reports.
  public func pendingChangesets(in database: Database) throws -> [Changeset] {
    var result: [Changeset] = []
    try DirectStatement(Self.selectPending, in: database).forEach(.text(scope)) { row in
      guard let replica = row.identifier(0) as ReplicaID?, let sequence = row.number(1),
        let lamport = row.number(2),
        let changeset = PackedChangeset.decode(
          row.bytes(3),
          dot: Dot(replica: replica, sequence: sequence),
          lamport: lamport
        )
      else { throw RegistryDatabaseError.brokenLog }
      result.append(changeset)
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
    try DirectStatement(Self.clearGains, in: database).run(.integer(author.id))
    try DirectStatement(Self.setGain, in: database).run(
      .bytes(gain.bytes),
      .integer(author.id),
      .number(author.applied)
    )
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
    try statement.forEach(.integer(author.id), .number(last)) { row in
      lamport = max(lamport, row.number(0) ?? 0)
      try gain.add(row.bytes(1))
    }
    try add(gain, lamport: lamport, scope: scope, in: database)
  }

  /// Forgets what is pending of an author.
  func dropPending(of author: LogReplica, in database: Database) throws {
    try DirectStatement(Self.deletePending, in: database).run(.integer(author.id))
  }
}
