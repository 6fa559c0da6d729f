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
  /// The first of this device's ids of which the centre has another history than is here.
  ///
  /// The present id's is another one when the centre holds more of it than this device ever wrote.
  /// Under an id that was left at a restore, whoever has the old files may go on: only what does
  /// not fit together is a fork. What this device had when the centre was asked is `vector`.
  func forkedReplica(
    _ center: CenterHistories,
    sent vector: VersionVector,
    in database: Database
  ) throws -> ReplicaID? {
    let own = try StoreMeta.ownReplicas(in: database)
    return try own.first { replica in
      if replica == own.last, center.stored[replica] > vector[replica] { return true }
      return try center.refused.contains(replica)
        || center.links(of: replica, upTo: vector[replica]).contains { link in
          try tables.chainLink(of: replica, at: link.last, in: database)?.prefix8
            != link.chainPrefix
        }
    }
  }

  /// Leaves a replica id that two histories share: the device was restored or copied.
  ///
  /// Both histories are alike up to some batch. What this device has after it is taken out, the
  /// centre's history is taken in like any other device's, and what that history lacks is issued
  /// again under a new replica id, with its original context: own dots up to the fork stay the old
  /// replica's, later ones are mapped to the new. What both have, as after an acknowledgement that
  /// was lost, is not issued twice.
  ///
  /// The shared id may be one that this device left before, at a restore. Then the ids that it took
  /// since are left too, for all that was written under them has seen the history that goes.
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
      let own = try StoreMeta.ownReplicas(in: database)
      // A change saved since would stand under the old id: the next request starts over.
      guard try !hasPending(in: database), let at = own.firstIndex(of: history.replica) else {
        return 0
      }
      let left = Array(own[at...])
      let ends = try tables.batchEnds(of: history.replica, in: database)
      let ground =
        try history.ground(among: ends) ?? StoreMeta.centerVector(in: database)[history.replica]
      let removed = try remove(left, after: ground, in: database)
      try leave(own[own.count - 1], for: successor, identity: identity, in: database)
      let theirs = history.batches.filter { !left.dropFirst().contains($0.batch.replica) }
      let pulled = try admit(theirs, now: actor.now, in: database)
      // Either history may have a mark of erasure that the other lacks.
      let gone = Set(try tables.erasedPatients(in: database))
        .union(removed.flatMap(\.changesets).flatMap(\.erasures))
      let ours = removed.map { $0.removing(gone) ?? $0 }
      let parting = try parting(history, ours, without: gone, ground, in: database)
      var reissue = Reissue(left: left, successor: successor)
      for batch in ours {
        for (point, changesets) in parting.rest(of: batch) {
          try append(
            reissue.map(changesets, after: point),
            foreignContext: try context(of: batch, left: left, point: point, in: database),
            identity: identity,
            replica: successor,
            in: database
          )
        }
      }
      try settleErasures(by: actor, in: database)
      try noteLeft(history.replica, .forked, parting.shared, reissue, by: actor, in: database)
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
      var reissue = Reissue(left: [former], successor: successor)
      let mapped = reissue.map(pending, after: point)
      try tables.applyLocal(mapped, in: database)
      try noteLeft(former, .restored, point, reissue, by: actor, in: database)
    }
  }

  /// Takes out what this device wrote under the first id after a sequence, and under the later ones.
  ///
  /// - Returns: The batches, in the order in which they were written.
  private func remove(
    _ left: [ReplicaID],
    after ground: UInt64,
    in database: Database
  ) throws -> [Batch] {
    var removed: [Batch] = []
    // The later ones first: they name patients by numbers that the earlier ones gave.
    for (index, replica) in left.enumerated().reversed() {
      let point = index == 0 ? ground : 0
      let batches = try tables.removeBatches(of: replica, after: point, in: database)
      removed.insert(contentsOf: batches.map(\.batch), at: 0)
    }
    return removed
  }

  private func noteLeft(
    _ former: ReplicaID,
    _ action: AuditAction,
    _ point: UInt64,
    _ reissue: Reissue,
    by actor: Actor,
    in database: Database
  ) throws {
    var trail = try AuditTrail(database)
    try trail.append(
      action,
      by: actor,
      details: #"{"former":"\#(former)","from":\#(point),"reissued":\#(reissue.count)}"#
    )
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
      of: history.replica,
      ground: ground,
      ours: removed.filter { $0.replica == history.replica }.flatMap(\.changesets),
      theirs: theirs
    )
  }

  /// The batch's foreign context, with the first id that is left as far as it stays.
  private func context(
    of batch: Batch,
    left: [ReplicaID],
    point: UInt64,
    in database: Database
  ) throws -> [ContextEntry] {
    let foreign = batch.foreignContext.filter { !left.contains($0.replica) }
    guard let first = left.first, point > 0,
      let link = try tables.chainLink(of: first, at: point, in: database)
    else { return foreign }
    let own = ContextEntry(replica: first, last: point, chainPrefix: link.prefix8)
    return (foreign + [own]).sorted { $0.replica < $1.replica }
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
