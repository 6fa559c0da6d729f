// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

/// One request's content, and what was known when it was made.
struct OutgoingRound {
  let request: SyncRequest
  let batches: [LoggedBatch]
  let vector: VersionVector
}

/// What one answer did.
struct RoundResult {
  var unsent = 0
  var isSettled = false
  var hasProgressed = false
  var isForked = false
}

extension SyncEngine {
  /// How often a batch waits for changes that other processes save meanwhile.
  private static let sealLimit = 100

  private static let insertArrival =
    "INSERT OR IGNORE INTO site_arrival (replica, last_sequence, at) VALUES (?, ?, ?)"
  static let insertKey =
    "INSERT OR IGNORE INTO site_replica_key (replica, public_key) VALUES (?, ?)"
  private static let selectKey = "SELECT public_key FROM site_replica_key WHERE replica = ?"

  /// The batches that the centre lacked by its last stated vector, and this store's state.
  func outgoing(in database: Database) throws -> OutgoingRound {
    let tables = store.tables
    let vector = try tables.vector(in: database)
    let stated = try StoreMeta.centerVector(in: database)
    let (batches, hasMore) = try tables.batches(
      after: stated,
      limitBytes: Self.pushLimitBytes,
      in: database
    )
    let request = SyncRequest(
      vector: vector,
      chainHeads: try tables.chainHeads(in: database),
      stateRoot: Data(try tables.stateRoot(in: database)),
      batches: batches.map(\.bytes),
      modelVersion: try store.modelVersion(in: database),
      hasMore: hasMore
    )
    return OutgoingRound(request: request, batches: batches, vector: vector)
  }

  /// Takes in an answer: what it acknowledges, what it refuses, and the batches it brings.
  func take(
    _ reply: SyncReply,
    _ outgoing: OutgoingRound,
    _ identity: SigningIdentity,
    _ report: inout SyncReport,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> RoundResult {
    let received = try received(reply.batches)
    let own = try store.read { database in try StoreMeta.replica(in: database) }
    let isBehind = reply.vector[own] > outgoing.vector[own]
    report.pushedChangesets += reply.acceptedChangesets
    // What is refused as a fork of this very device is issued again, and so not refused.
    for refusal in reply.refused where refusal.replica != own || refusal.reason != "fork" {
      report.refused += refusal.changesets
      report.refusals[refusal.reason, default: 0] += refusal.changesets
    }
    if isBehind || Self.isOwnFork(reply, replica: own) {
      try store.forkAway(identity: identity, actor: actor, using: &generator)
      report.hasForked = true
      return RoundResult(unsent: 0, isSettled: false, hasProgressed: true, isForked: true)
    }
    let now = clock()
    let result = try applyingForeign(with: identity) { database in
      let before = try StoreMeta.centerVector(in: database)
      let pulled = try admit(received, now: now, in: database)
      try StoreMeta.setCenterVector(reply.vector, in: database)
      let unsent = Self.unsent(try store.tables.vector(in: database), reply.vector)
      let result = RoundResult(
        unsent: unsent,
        isSettled: unsent == 0,
        hasProgressed: pulled > 0 || reply.vector != before
      )
      return (result, pulled)
    }
    report.pulledChangesets += result.pulled
    return result.round
  }

  /// Runs a transaction that applies foreign batches, with nothing pending.
  ///
  /// What is pending is sealed first, in a commit of its own. Another process may save between
  /// that commit and this transaction; its change has not seen what is about to be applied, so it
  /// is sealed too before the transaction is tried again.
  private func applyingForeign(
    with identity: SigningIdentity,
    _ body: (Database) throws -> (RoundResult, Int)
  ) throws(SiteReplicaError) -> (round: RoundResult, pulled: Int) {
    for _ in 0..<Self.sealLimit {
      try store.seal(with: identity)
      let result: (RoundResult, Int)? = try store.write { database in
        try store.hasPending(in: database) ? nil : try body(database)
      }
      if let result { return result }
    }
    throw .remote(.tooManyRequests(limit: Self.sealLimit))
  }

  /// Changesets that one vector covers and the other does not.
  static func unsent(_ own: VersionVector, _ stated: VersionVector) -> Int {
    own.entries.reduce(0) { sum, entry in
      sum + Int(entry.value > stated[entry.key] ? entry.value - stated[entry.key] : 0)
    }
  }

  private static func isOwnFork(_ reply: SyncReply, replica: ReplicaID?) -> Bool {
    reply.refused.contains { $0.reason == "fork" && $0.replica == replica }
  }

  private func received(_ batches: [Data]) throws(SiteReplicaError) -> [ReceivedBatch] {
    var received: [ReceivedBatch] = []
    for bytes in batches {
      do throws(SyncProtocolError) {
        received.append(try ReceivedBatch.decode(bytes))
      } catch {
        throw .batchRefused(reason: String(describing: error))
      }
    }
    return received
  }

  /// Checks and applies batches; returns how many changesets came in.
  private func admit(
    _ received: [ReceivedBatch],
    now: Int,
    in database: Database
  ) throws -> Int {
    var count = 0
    for entry in received {
      guard entry.batch.site == store.site else {
        throw SiteReplicaError.batchRefused(reason: "another site's batch")
      }
      try verify(entry, in: database)
      switch try store.tables.admit(entry.batch, bytes: entry.bytes, in: database) {
      case .applied(let changesets):
        count += changesets
        try noteArrival(entry.batch, now, in: database)
      case .held: try noteArrival(entry.batch, now, in: database)
      case .duplicate: break
      case .forked(let replica, _):
        throw SiteReplicaError.remote(.diverged(replica: replica.description))
      }
    }
    return count
  }

  private func noteArrival(_ batch: Batch, _ now: Int, in database: Database) throws {
    try database.execute(
      sql: Self.insertArrival,
      arguments: [Data(batch.replica.bytes), Int64(batch.lastSequence), now]
    )
  }

  /// A replica's first batch binds its id to a key; every later one is checked against it.
  private func verify(_ received: ReceivedBatch, in database: Database) throws {
    let replica = Data(received.batch.replica.bytes)
    if !received.publicKey.isEmpty {
      try database.execute(sql: Self.insertKey, arguments: [replica, received.publicKey])
    }
    guard let raw = try Data.fetchOne(database, sql: Self.selectKey, arguments: [replica]),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { throw SiteReplicaError.batchRefused(reason: "no key is known for its device") }
    try received.verify(publicKey: key)
  }
}
