// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

extension SyncEngine {
  /// Compares digests at equal vectors; nothing is known where vectors differ.
  func compareDigests(
    _ reply: SyncReply,
    _ report: inout SyncReport
  ) throws(SiteReplicaError) {
    let equality: Bool? = try store.read { try isEqual(to: reply, in: $0) }
    report.isDigestEqual = equality
    guard equality == false else { return }
    // The log is the truth at both ends: heads that drifted from it are made anew.
    report.isDigestEqual = try store.write { database in
      guard try isEqual(to: reply, in: database) == false else { return nil }
      try store.tables.rebuildHeads(in: database)
      return try isEqual(to: reply, in: database)
    }
    report.hasRebuiltHeads = report.isDigestEqual != nil
  }

  private func isEqual(to reply: SyncReply, in database: Database) throws -> Bool? {
    guard try !store.hasPending(in: database),
      try store.tables.vector(in: database) == reply.vector,
      try store.tables.unmarkedPatients(in: database) == 0
    else { return nil }
    return try store.tables.stateRoot(in: database) == Array(reply.stateRoot)
  }

  /// Lets the centre rebuild its heads too, and finds the first bucket and address that differ.
  ///
  /// Two requests; where the vectors moved meanwhile, nothing can be said until the next sync.
  func nameDifference(
    _ reply: SyncReply,
    _ connection: inout CenterConnection,
    _ report: inout SyncReport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) {
    let answer = try await send(try question(bucket: nil), &connection, using: &generator)
    let equality: Bool? = try store.read { try isEqual(to: answer, in: $0) }
    report.isDigestEqual = equality
    guard equality == false, let theirs = StateDigest(bytes: Array(answer.stateBuckets)) else {
      return
    }
    let ours = try store.read { database in
      StateDigest(bytes: try store.tables.stateBuckets(in: database))
    }
    guard let bucket = ours?.firstDifference(from: theirs) else { return }
    report.difference = RecordDifference(bucket: bucket, address: nil, place: nil)
    let listed = try await send(try question(bucket: bucket), &connection, using: &generator)
    guard listed.vector == answer.vector,
      let addresses = BucketAddresses(bytes: listed.bucketAddresses)
    else { return }
    report.difference = try store.read { database in
      let present = try store.tables.addresses(inBucket: bucket, in: database)
      let name = present.firstDifference(from: addresses)
      let known = try name.flatMap { try store.tables.address(named: $0, in: database) }
      return RecordDifference(
        bucket: bucket,
        address: name,
        place: known.map { [$0.row.event, $0.row.reader, $0.field] }?
          .filter { !$0.isEmpty }.joined(separator: " ")
      )
    }
  }

  /// A request without batches that asks for the buckets, or for the addresses of one.
  private func question(bucket: Int?) throws(SiteReplicaError) -> SyncRequest {
    try store.read { database in
      SyncRequest(
        vector: try store.tables.vector(in: database),
        chainHeads: try store.tables.chainHeads(in: database),
        stateRoot: Data(try store.tables.stateRoot(in: database)),
        replyLimitBytes: 0,
        wantsBuckets: bucket == nil,
        kept: try store.tables.keptVector(in: database),
        wantedBucket: bucket
      )
    }
  }
}
