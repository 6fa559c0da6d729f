// SPDX-License-Identifier: Apache-2.0
public import GRDB
public import Replication

extension ReplicaTables {
  private static let selectDigest = "SELECT digest FROM log_scope WHERE code = ?"
  private static let selectScope = "SELECT digest, lamport FROM log_scope WHERE id = ?"
  private static let updateScope = "UPDATE log_scope SET digest = ?, lamport = ? WHERE id = ?"
  private static let clearErased =
    "UPDATE head_patient SET is_erased = 0 WHERE scope = ? AND is_erased = 1"
  private static let deleteRows = """
    DELETE FROM head_row WHERE patient IN (SELECT id FROM head_patient WHERE scope = ?)
    """

  /// The 32-byte root of the digest of all heads.
  public func stateRoot(in database: Database) throws -> [UInt8] {
    try digest(in: database).root
  }

  /// The 256 buckets of the digest, 4096 bytes.
  public func stateBuckets(in database: Database) throws -> [UInt8] {
    try digest(in: database).bytes
  }

  /// The addresses of one bucket, 0 to 255, and what each adds to it, from the stored rows.
  public func addresses(inBucket bucket: Int, in database: Database) throws -> BucketAddresses {
    var found = BucketAddresses()
    try forEachPatient(in: database) { patient, rows in
      guard Int(StateDigest.bucket(of: patient)) == bucket else { return }
      for (row, heads) in rows {
        for (field, register) in heads { found.add(register, at: Address(row: row, field: field)) }
      }
    }
    return found
  }

  /// The address whose hash `BucketAddresses` names; nil when no row here has it.
  public func address(named name: String, in database: Database) throws -> Address? {
    var found: Address?
    try forEachPatient(in: database) { _, rows in
      for (row, heads) in rows where found == nil {
        found = heads.keys.map { Address(row: row, field: $0) }
          .first { BucketAddresses.name(of: $0) == name }
      }
    }
    return found
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
  /// - Throws: What decoding and SQLite report.
  public func rebuildHeads(in database: Database) throws {
    let number = try makeNumber(in: database)
    try DirectStatement(Self.deleteRows, in: database).run(.integer(number))
    try DirectStatement(Self.clearErased, in: database).run(.integer(number))
    try DirectStatement(Self.updateScope, in: database).run(
      .bytes(StateDigest().bytes),
      .integer(0),
      .integer(number)
    )
    try forEachBatch(in: database) { logged in
      guard let batch = try resolved(try decode(logged.bytes), in: database) else {
        throw RegistryDatabaseError.brokenLog
      }
      var writer = HeadWriter(scope: number, database: database)
      try apply(batch, with: &writer, scope: number, in: database)
    }
    let pending = try pendingChangesets(in: database)
    guard let replica = pending.first?.dot.replica else { return }
    var writer = HeadWriter(scope: number, database: database)
    for changeset in pending { writer.apply(changeset) }
    try setPendingGain(try writer.store(), of: replica, scope: number, in: database)
  }

  /// Applies the changesets of a batch that is in the log or about to be.
  func apply(
    _ batch: Batch,
    with writer: inout HeadWriter,
    scope: Int64,
    in database: Database
  ) throws {
    for changeset in batch.changesets { writer.apply(changeset) }
    let gain = try writer.store()
    let lamport = max(writer.lamport, batch.redaction?.lamport ?? 0)
    try add(gain, lamport: lamport, scope: scope, in: database)
  }

  /// Brings a scope's digest and Lamport counter up to date.
  func add(
    _ gain: DigestChange,
    lamport: UInt64,
    scope: Int64,
    in database: Database
  ) throws {
    let select = try DirectStatement(Self.selectScope, in: database)
    let stored = try select.first(.integer(scope)) { row in
      (digest: StateDigest(bytes: row.bytes(0)), lamport: row.number(1) ?? 0)
    }
    guard let stored, var digest = stored.digest else { throw RegistryDatabaseError.brokenLog }
    digest.add(gain)
    try DirectStatement(Self.updateScope, in: database).run(
      .bytes(digest.bytes),
      .number(max(stored.lamport, lamport)),
      .integer(scope)
    )
  }

  private func digest(in database: Database) throws -> StateDigest {
    let select = try DirectStatement(Self.selectDigest, in: database)
    guard let stored = try select.first(.text(scope), read: { $0.bytes(0) }) else {
      return StateDigest()
    }
    guard var digest = StateDigest(bytes: stored) else { throw RegistryDatabaseError.brokenLog }
    digest.add(try pendingGain(in: database))
    return digest
  }
}
