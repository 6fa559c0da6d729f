// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

extension SyncEngine {
  /// Plans to ask for the centre's history of one of this device's ids since it last acknowledged.
  func startProbe(of replica: ReplicaID) throws(SiteReplicaError) -> ForkProbe {
    try store.read { database in
      let stated = try StoreMeta.centerVector(in: database)[replica]
      let ends = try store.tables.batchEnds(of: replica, in: database).keys
      return ForkProbe(
        replica: replica,
        after: ends.filter { $0 <= stated }.max() ?? 0,
        log: try store.tables.vector(in: database)
      )
    }
  }

  /// A request that brings nothing and states less than this device has.
  func asking(_ probe: ForkProbe, in database: Database) throws -> OutgoingRound {
    var kept = try store.tables.keptVector(in: database).entries
    kept[probe.replica] = nil
    let request = SyncRequest(
      vector: probe.vector,
      chainHeads: [],
      stateRoot: Data(try store.tables.stateRoot(in: database)),
      batches: [],
      modelVersion: try store.modelVersion(in: database),
      replyLimitBytes: limits.reply,
      auditSize: try store.seenCheckpoint(in: database)?.size ?? 0,
      kept: VersionVector(kept)
    )
    return OutgoingRound(request: request, batches: [], vector: probe.vector)
  }

  /// Takes in an answer to a probe, and leaves the shared id once the histories' parting is found.
  ///
  /// - Returns: What to ask next; nil when the id was left.
  func resume(
    _ probe: inout ForkProbe,
    _ reply: SyncReply,
    _ identity: SigningIdentity,
    _ report: inout SyncReport,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> ForkProbe? {
    probe.take(try received(reply.batches))
    if reply.hasMore, !reply.batches.isEmpty { return probe }
    let history = ForkHistory(
      replica: probe.replica,
      batches: probe.batches,
      head: reply.chainHeads.first { $0.replica == probe.replica }
    )
    let ends = try store.read { database in
      try store.tables.batchEnds(of: history.replica, in: database)
    }
    guard let ground = history.ground(among: ends) else {
      guard probe.point > 0 else { throw .remote(.diverged(replica: probe.replica.description)) }
      probe.goBack(among: Array(ends.keys))
      return probe
    }
    // The centre has nothing of this id that is not here: it refused for another replica's sake.
    guard reply.stored[history.replica] != ground else {
      throw .remote(.diverged(replica: probe.replica.description))
    }
    report.pulledChangesets += try store.forkAway(
      history,
      identity: identity,
      actor: actor,
      using: &generator
    )
    report.hasForked = true
    return nil
  }
}
