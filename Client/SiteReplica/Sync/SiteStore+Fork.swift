// SPDX-License-Identifier: Apache-2.0

import Crypto
import Deidentification
import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import SyncProtocol

extension SiteStore {
  /// Leaves a replica id that two histories share: the device was restored or copied.
  ///
  /// Everything after the last sequence that the centre had acknowledged is taken out and issued
  /// again under a new replica id, with its original context: own dots up to that point stay the
  /// old replica's, later ones are mapped to the new one. The centre's history of the old id is
  /// then received like any other device's.
  func forkAway(
    identity: SigningIdentity,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) {
    let successor = ReplicaID.random(using: &generator)
    try seal(with: identity)
    try write { database in
      // A change saved since would stand under the old id: the next request starts over.
      guard try !hasPending(in: database) else { return }
      let former = try StoreMeta.replica(in: database)
      let point = try StoreMeta.centerVector(in: database)[former]
      let removed = try tables.removeBatches(of: former, after: point, in: database)
      let kept = try StoreMeta.data(.formerReplicas, in: database) ?? Data()
      try StoreMeta.set(.formerReplicas, kept + Data(former.bytes), in: database)
      try StoreMeta.set(.replica, Data(successor.bytes), in: database)
      // The centre's history of the old id was signed with this same key.
      try database.execute(
        sql: Self.insertKey,
        arguments: [Data(former.bytes), identity.privateKey.publicKey.rawRepresentation]
      )
      var reissue = Reissue(former: former, point: point, successor: successor)
      for (_, batch) in removed {
        try append(
          reissue.map(batch.changesets),
          foreignContext: try context(of: batch, former: former, point: point, in: database),
          identity: identity,
          replica: successor,
          in: database
        )
      }
      var trail = try AuditTrail(database)
      try trail.append(
        .forked,
        by: actor,
        details: #"{"former":"\#(former)","from":\#(point),"reissued":\#(reissue.count)}"#
      )
    }
  }

  /// The batch's foreign context, and the old replica as far as it stays.
  private func context(
    of batch: Batch,
    former: ReplicaID,
    point: UInt64,
    in database: Database
  ) throws -> [ContextEntry] {
    guard point > 0, let link = try tables.chainLink(of: former, at: point, in: database) else {
      return batch.foreignContext
    }
    let own = ContextEntry(replica: former, last: point, chainPrefix: link.prefix8)
    return (batch.foreignContext + [own]).sorted { $0.replica < $1.replica }
  }

  private func append(
    _ changesets: [Changeset],
    foreignContext: [ContextEntry],
    identity: SigningIdentity,
    replica: ReplicaID,
    in database: Database
  ) throws {
    // The context is that of the time: what the log has learnt since is named by id, not by number.
    let sealed = try BatchSealer.seal(
      changesets.map(deidentifier.readmit),
      site: site,
      foreignContext: foreignContext,
      previous: try tables.chainHead(of: replica, in: database),
      dictionaryVersion: study.dictionary.version,
      directory: try directory(for: [], author: replica, in: database),
      identity: identity
    )
    try tables.applyLocal(changesets, in: database)
    for batch in sealed {
      try tables.appendSealed(batch.batch, bytes: batch.bytes, in: database)
    }
  }
}

/// Maps changesets of a forked replica to its successor.
private struct Reissue {
  let former: ReplicaID
  let point: UInt64
  let successor: ReplicaID
  private(set) var count: UInt64 = 0

  init(former: ReplicaID, point: UInt64, successor: ReplicaID) {
    self.former = former
    self.point = point
    self.successor = successor
  }

  mutating func map(_ changesets: [Changeset]) -> [Changeset] {
    changesets.map { changeset in
      var context = changeset.context.entries
      context[former] = min(point, context[former] ?? 0)
      context[successor] = count
      count += 1
      return Changeset(
        dot: Dot(replica: successor, sequence: count),
        lamport: changeset.lamport,
        reason: changeset.reason,
        context: VersionVector(context),
        writes: changeset.writes
      )
    }
  }
}
