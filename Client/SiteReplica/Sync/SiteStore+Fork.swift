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
  /// Both histories are alike up to some batch. What this device has after it is taken out, the
  /// centre's history is taken in like any other device's, and what that history lacks is issued
  /// again under a new replica id, with its original context: own dots up to the fork stay the old
  /// replica's, later ones are mapped to the new. What both have, as after an acknowledgement that
  /// was lost, is not issued twice.
  ///
  /// - Returns: How many changesets came in.
  /// - Throws: `SiteReplicaError.remote(.diverged)` when the histories do not differ, so that the
  ///   centre must have refused for another replica's sake.
  @discardableResult
  func forkAway(
    _ history: ForkHistory,
    identity: SigningIdentity,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> Int {
    let successor = ReplicaID.random(using: &generator)
    try seal(with: identity)
    return try write { database in
      let former = try StoreMeta.replica(in: database)
      // A change saved since would stand under the old id: the next request starts over.
      guard try !hasPending(in: database), former == history.replica else { return 0 }
      let ends = try tables.batchEnds(of: former, in: database)
      let ground =
        try history.ground(among: ends) ?? StoreMeta.centerVector(in: database)[former]
      let removed = try tables.removeBatches(of: former, after: ground, in: database)
      try leave(former, for: successor, identity: identity, in: database)
      let pulled = try admit(history.batches, now: actor.now, in: database)
      // Either history may have a mark of erasure that the other lacks.
      let gone = Set(try tables.erasedPatients(in: database))
        .union(removed.flatMap(\.batch.changesets).flatMap(\.erasures))
      let ours = removed.map { $0.batch.removing(gone) ?? $0.batch }
      let parting = try parting(history, ours, without: gone, ground, in: database)
      var reissue = Reissue(former: former, successor: successor)
      for batch in ours {
        for (point, changesets) in parting.rest(of: batch.changesets) {
          try append(
            reissue.map(changesets, after: point),
            foreignContext: try context(of: batch, former: former, point: point, in: database),
            identity: identity,
            replica: successor,
            in: database
          )
        }
      }
      try settleErasures(by: actor, in: database)
      var trail = try AuditTrail(database)
      try trail.append(
        .forked,
        by: actor,
        details: #"{"former":"\#(former)","from":\#(parting.shared),"reissued":\#(reissue.count)}"#
      )
      return pulled
    }
  }

  /// Takes a new replica id at once, as a store that was made of a backup must.
  ///
  /// Sealed batches stay the old id's: whatever else went on under it is another device's. What is
  /// pending was never sent from here and goes on under the new id.
  func renounce(
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) {
    let successor = ReplicaID.random(using: &generator)
    let key = try deviceKey()
    try write { database in
      let former = try StoreMeta.replica(in: database)
      let pending = try tables.pendingChangesets(in: database)
      let point = try tables.vector(in: database)[former]
      try tables.withdrawUnsealed(of: former, in: database)
      try leave(
        former,
        for: successor,
        identity: SigningIdentity(keyID: "", privateKey: key),
        in: database
      )
      var reissue = Reissue(former: former, successor: successor)
      let mapped = reissue.map(pending, after: point)
      try tables.applyLocal(mapped, in: database)
      var trail = try AuditTrail(database)
      try trail.append(
        .restored,
        by: actor,
        details: #"{"former":"\#(former)","from":\#(point),"reissued":\#(reissue.count)}"#
      )
    }
  }

  func leave(
    _ former: ReplicaID,
    for successor: ReplicaID,
    identity: SigningIdentity,
    in database: Database
  ) throws {
    let kept = try StoreMeta.data(.formerReplicas, in: database) ?? Data()
    try StoreMeta.set(.formerReplicas, kept + Data(former.bytes), in: database)
    try StoreMeta.set(.replica, Data(successor.bytes), in: database)
    // The centre's history of the old id was signed with this same key.
    try database.execute(
      sql: Self.insertKey,
      arguments: [Data(former.bytes), identity.privateKey.publicKey.rawRepresentation]
    )
  }

  /// Where both histories part, after the centre's was taken in.
  ///
  /// The same changes may lie in other batches: a copy of unsealed changes is sealed elsewhere.
  private func parting(
    _ history: ForkHistory,
    _ removed: [Batch],
    without gone: Set<PatientID>,
    _ ground: UInt64,
    in database: Database
  ) throws -> ForkParting {
    var theirs: [Batch] = []
    for received in history.ofReplica where received.batch.firstSequence > ground {
      let last = received.batch.lastSequence
      let link = try tables.chainLink(of: history.replica, at: last, in: database)
      // Patients are named by number until the batches before are in the log.
      guard link == received.batch.hash,
        let batch = try tables.resolved(received.batch, in: database)
      else { break }
      theirs.append(batch.removing(gone) ?? batch)
    }
    return ForkParting(
      ground: ground,
      ours: removed.flatMap(\.changesets),
      theirs: theirs
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
    guard !changesets.isEmpty else { return }
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
