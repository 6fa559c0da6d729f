// SPDX-License-Identifier: Apache-2.0

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
  /// An id of this device of which the centre has another history.
  var forked: ReplicaID?
}

extension SyncEngine {
  /// The batches that the centre lacked by its last stated vector, and this store's state.
  func outgoing(
    as identity: SigningIdentity,
    in database: Database
  ) throws -> OutgoingRound {
    let tables = store.tables
    let vector = try tables.vector(in: database)
    let stated = try StoreMeta.centerVector(in: database)
    let (batches, hasMore) = try tables.batches(
      after: stated,
      limitBytes: limits.push,
      in: database
    )
    let request = SyncRequest(
      vector: vector,
      chainHeads: try tables.chainHeads(in: database),
      stateRoot: Data(try tables.stateRoot(in: database)),
      batches: try batches.map { try BatchRedactor.vouch(for: $0.bytes, identity: identity) },
      modelVersion: try store.modelVersion(in: database),
      replyLimitBytes: limits.reply,
      hasMore: hasMore,
      auditSize: try store.seenCheckpoint(in: database)?.size ?? 0,
      kept: try tables.keptVector(in: database)
    )
    return OutgoingRound(request: request, batches: batches, vector: vector)
  }

  /// Takes in an answer: what it acknowledges, what it refuses, and the batches it brings.
  func take(
    _ reply: SyncReply,
    _ outgoing: OutgoingRound,
    _ identity: SigningIdentity,
    _ report: inout SyncReport,
    _ actor: Actor
  ) throws(SiteReplicaError) -> RoundResult {
    let received = try received(reply.batches)
    let center = CenterHistories(
      stored: reply.stored,
      heads: reply.chainHeads,
      refused: Set(reply.refused.filter { $0.reason == "fork" }.compactMap(\.replica)),
      batches: received
    )
    let (own, forked): ([ReplicaID], ReplicaID?) = try store.read { database in
      (
        try StoreMeta.ownReplicas(in: database),
        try store.forkedReplica(center, sent: outgoing.vector, in: database)
      )
    }
    report.pushedChangesets += reply.acceptedChangesets
    // What is refused as a fork of this very device is issued again, and so not refused.
    for refusal in reply.refused
    where refusal.reason != "fork" || !own.contains(where: { $0 == refusal.replica }) {
      report.refused += refusal.changesets
      report.refusals[refusal.reason, default: 0] += refusal.changesets
    }
    if forked != nil { return RoundResult(hasProgressed: true, forked: forked) }
    let now = clock()
    let result = try store.applyingForeign(with: identity) { database in
      let before = try StoreMeta.centerVector(in: database)
      let pulled = try store.admit(received, now: now, in: database)
      try store.settleErasures(by: actor, in: database)
      try StoreMeta.setCenterVector(reply.stored, in: database)
      // What is kept unread is relayed too, also to a centre that has forgotten it.
      var held = try store.tables.vector(in: database)
      held.merge(try store.tables.keptVector(in: database))
      let unsent = Self.unsent(held, reply.stored)
      let result = RoundResult(
        unsent: unsent,
        isSettled: unsent == 0,
        hasProgressed: pulled > 0 || reply.stored != before
      )
      return (round: result, pulled: pulled)
    }
    report.pulledChangesets += result.pulled
    report.waitingAtCenter = Self.unsent(reply.kept, reply.vector)
    return result.round
  }

  /// Changesets that one vector covers and the other does not.
  static func unsent(_ own: VersionVector, _ stated: VersionVector) -> Int {
    own.entries.reduce(0) { sum, entry in
      sum + Int(entry.value > stated[entry.key] ? entry.value - stated[entry.key] : 0)
    }
  }

  func received(_ batches: [Data]) throws(SiteReplicaError) -> [ReceivedBatch] {
    var received: [ReceivedBatch] = []
    for bytes in batches {
      do throws(SyncProtocolError) {
        received.append(try ReceivedBatch.decode(bytes))
      } catch {
        if case .unknownWireVersion(let version) = error {
          throw .remote(.versionDiffers(theirs: version, ours: SyncProtocolVersion.number))
        }
        throw .batchRefused(reason: String(describing: error))
      }
    }
    return received
  }
}
