// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  /// Takes in a batch whose form and signature were checked.
  ///
  /// It is applied when its predecessor and its context are there, and with it whatever waited for
  /// it; else it waits. A chain link that differs is a fork, and then nothing changes. The count of
  /// `.applied` includes the changesets of batches that had waited.
  ///
  /// - Throws: `RegistryDatabaseError.scopeDiffers`, and what SQLite reports.
  public func admit(_ batch: Batch, bytes: Data, in database: Database) throws -> Admission {
    guard batch.site == scope else { throw RegistryDatabaseError.scopeDiffers }
    let number = try makeNumber(in: database)
    let admission = try admitOne(batch, bytes: bytes, scope: number, in: database)
    switch admission {
    case .applied(let count):
      let released = try releaseHeld(scope: number, in: database)
      return .applied(changesets: count + released)
    case .held(let needs):
      try hold(batch, bytes: bytes, needs: needs, scope: number, in: database)
      return admission
    case .duplicate, .forked, .unmarked: return admission
    }
  }

  /// How many batches wait for others.
  public func heldCount(in database: Database) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM log_held JOIN log_scope ON log_scope.id = log_held.scope
        WHERE log_scope.code = ?
        """,
      arguments: [scope]
    ) ?? 0
  }

  private func admitOne(
    _ batch: Batch,
    bytes: Data,
    scope: Int64,
    in database: Database
  ) throws -> Admission {
    let known = try LogReplica.find(batch.replica, scope: scope, in: database)
    let logged = known?.logged ?? 0
    if batch.firstSequence <= logged {
      let hash = try known?.hash(from: batch.firstSequence, in: database)
      guard hash == batch.hash else {
        return .forked(replica: batch.replica, at: batch.firstSequence)
      }
      return try isMarked(batch, in: database)
        ? .duplicate : .unmarked(replica: batch.replica, at: batch.firstSequence)
    }
    // Somebody else holds more of one's own sequence than the log does, beside unsealed changes.
    if let known, known.applied > known.logged {
      return .forked(replica: batch.replica, at: batch.firstSequence)
    }
    var needs: [ContextEntry] = []
    if batch.firstSequence > logged + 1 {
      needs.append(
        ContextEntry(
          replica: batch.replica,
          last: batch.firstSequence - 1,
          chainPrefix: batch.previous.prefix8
        )
      )
    } else if (known?.chain ?? .none) != batch.previous {
      return .forked(replica: batch.replica, at: batch.firstSequence)
    }
    for entry in batch.foreignContext {
      let other = try LogReplica.find(entry.replica, scope: scope, in: database)
      guard let other, other.logged >= entry.last else {
        needs.append(entry)
        continue
      }
      guard try other.link(at: entry.last, in: database)?.prefix8 == entry.chainPrefix else {
        return .forked(replica: entry.replica, at: entry.last)
      }
    }
    guard needs.isEmpty, batch.unread == nil else { return .held(needs: needs) }
    let author = try known ?? LogReplica.make(batch.replica, scope: scope, in: database)
    return try apply(batch, bytes: bytes, of: author, scope: scope, in: database)
  }

  /// Applies a batch whose predecessor and context are there.
  private func apply(
    _ batch: Batch,
    bytes: Data,
    of author: LogReplica,
    scope: Int64,
    in database: Database
  ) throws -> Admission {
    // A number that its introducer's chain does not have contradicts the context it states.
    var found: [PatientID: PatientNumbers.Entry] = [:]
    guard let resolved = try resolved(batch, noting: &found, in: database) else {
      return .forked(replica: batch.replica, at: batch.firstSequence)
    }
    var author = author
    var writer = HeadWriter(scope: scope, database: database)
    writer.learn(found)
    try noteIntroduced(batch, by: author, &writer, in: database)
    try apply(resolved, with: &writer, scope: scope, in: database)
    let newlyErased = writer.newlyErased
    if writer.hasDropped || batch.redaction != nil {
      let kept = try redacted(batch, bytes, scope: scope, in: database)
      try author.append(batch, bytes: kept.bytes, in: database)
      try noteRemoved(kept.removed, of: author, scope: scope, in: database)
    } else {
      try author.append(batch, bytes: bytes, in: database)
    }
    try redactLog(of: newlyErased, scope: scope, in: database)
    return .applied(changesets: batch.changesetCount)
  }

  private func hold(
    _ batch: Batch,
    bytes: Data,
    needs: [ContextEntry],
    scope: Int64,
    in database: Database
  ) throws {
    // Beyond the limit a batch is not kept; whoever sent it is told what is missing all the same.
    guard try heldCount(in: database) < Self.heldLimit else { return }
    // Nor is what names an erased patient: it is redacted when it comes again in its turn.
    guard try batch.unread != nil || erasedNames(in: batch, in: database).isEmpty else { return }
    let need = needs.first ?? Self.newerProgram(for: batch)
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO log_held
          (scope, replica, first_sequence, hash, needed_replica, needed_last, bytes)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        scope, Data(batch.replica.bytes), Int64(clamping: batch.firstSequence),
        Data(batch.hash.bytes), Data(need.replica.bytes), Int64(clamping: need.last), bytes,
      ]
    )
  }

  /// Admits held batches whose need is met, until there are none.
  ///
  /// Each one leaves the table or gets a need that is not met yet, so the rounds come to an end: a
  /// further round takes a batch that was applied in the last one.
  func releaseHeld(scope: Int64, in database: Database) throws -> Int {
    var released = 0
    var ready = try readyBatches(scope: scope, in: database)
    while !ready.isEmpty {
      for id in ready { released += try release(id, scope: scope, in: database) }
      ready = try readyBatches(scope: scope, in: database)
    }
    return released
  }

  func release(_ id: Int64, scope: Int64, in database: Database) throws -> Int {
    let stored = try Data.fetchOne(
      database,
      sql: "SELECT bytes FROM log_held WHERE id = ?",
      arguments: [id]
    )
    // A mark of erasure among those released before takes what waits with it.
    guard let bytes = stored else { return 0 }
    // What an earlier program kept unread may turn out to have no good form.
    guard let batch = try? decode(bytes) else {
      try database.execute(sql: "DELETE FROM log_held WHERE id = ?", arguments: [id])
      return 0
    }
    let admission = try admitOne(batch, bytes: bytes, scope: scope, in: database)
    if case .held(let needs) = admission {
      let need = needs.first ?? Self.newerProgram(for: batch)
      try database.execute(
        sql: "UPDATE log_held SET needed_replica = ?, needed_last = ? WHERE id = ?",
        arguments: [Data(need.replica.bytes), Int64(clamping: need.last), id]
      )
      return 0
    }
    // Also for a second version of a batch that was applied meanwhile: the log keeps the first.
    try database.execute(sql: "DELETE FROM log_held WHERE id = ?", arguments: [id])
    if case .applied(let count) = admission { return count }
    return 0
  }

  /// The held batches whose need is met, as far as their one noted need says.
  private func readyBatches(scope: Int64, in database: Database) throws -> [Int64] {
    try Int64.fetchAll(
      database,
      sql: """
        SELECT log_held.id FROM log_held JOIN log_replica
          ON log_replica.scope = log_held.scope AND log_replica.replica = needed_replica
        WHERE log_held.scope = ? AND log_replica.logged >= needed_last
        ORDER BY log_held.first_sequence
        """,
      arguments: [scope]
    )
  }
}
