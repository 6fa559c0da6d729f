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
  /// Whether the centre holds more of this device's own sequence, or another history of it.
  func isForked(
    from vector: VersionVector,
    _ chainHeads: [ContextEntry],
    in database: Database
  ) throws -> Bool {
    let own = try StoreMeta.replica(in: database)
    if vector[own] > (try tables.vector(in: database)[own]) { return true }
    guard let link = chainHeads.first(where: { $0.replica == own }) else { return false }
    let known = try tables.chainLink(of: own, at: link.last, in: database)
    return known?.prefix8 != link.chainPrefix
  }

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
      try Self.take(successor, after: former, identity.privateKey.publicKey, in: database)
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
      try noteFork(reissue, by: actor, in: database)
    }
  }

  /// Takes a new replica id in a store that was made of a backup.
  ///
  /// The original may since have sealed and sent the same changes in another way, so all that the
  /// centre had not acknowledged goes to the new id, as after a fork.
  func leaveBackup(
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) {
    let key = try DeviceKey.read(folder: folder)
    let keyID: String? = try read { try StoreMeta.text(.keyID, in: $0) }
    if let keyID {
      let identity = SigningIdentity(keyID: keyID, privateKey: key)
      return try forkAway(identity: identity, actor: actor, using: &generator)
    }
    let successor = ReplicaID.random(using: &generator)
    try write { try moveUnsealed(to: successor, key.publicKey, actor, in: $0) }
  }

  /// Issues what is pending again; nothing is sealed before a device is enrolled.
  private func moveUnsealed(
    to successor: ReplicaID,
    _ key: Curve25519.Signing.PublicKey,
    _ actor: Actor,
    in database: Database
  ) throws {
    let former = try StoreMeta.replica(in: database)
    let point = try tables.vector(in: database)[former]
    try Self.take(successor, after: former, key, in: database)
    var reissue = Reissue(former: former, point: point, successor: successor)
    let reissued = reissue.map(try pendingChangesets(in: database))
    try tables.withdrawUnsealed(of: former, in: database)
    try tables.applyLocal(reissued, in: database)
    try noteFork(reissue, by: actor, in: database)
  }

  private func noteFork(_ reissue: Reissue, by actor: Actor, in database: Database) throws {
    let from = #""former":"\#(reissue.former)","from":\#(reissue.point)"#
    var trail = try AuditTrail(database)
    try trail.append(
      .forked,
      by: actor,
      details: #"{\#(from),"reissued":\#(reissue.count)}"#
    )
  }

  private static func take(
    _ successor: ReplicaID,
    after former: ReplicaID,
    _ key: Curve25519.Signing.PublicKey,
    in database: Database
  ) throws {
    let kept = try StoreMeta.data(.formerReplicas, in: database) ?? Data()
    try StoreMeta.set(.formerReplicas, kept + Data(former.bytes), in: database)
    try StoreMeta.set(.replica, Data(successor.bytes), in: database)
    // The centre's history of the old id was signed with this same key.
    try database.execute(
      sql: insertKey,
      arguments: [Data(former.bytes), key.rawRepresentation]
    )
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
