// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import RegistryDatabase
import Replication
public import SyncProtocol

extension Center {
  /// The most bytes of batches in one reply.
  public static let replyLimitBytes = 4 << 20

  /// Takes what a site sends and answers with what the site lacks, in one transaction.
  ///
  /// A batch is refused for its signature, chain, form or scope, and for nothing else. Each
  /// refusal names its batch and counts its changesets, so that what was sent is what was accepted
  /// and refused together.
  ///
  /// - Parameters:
  ///   - request: The request, decoded.
  ///   - site: The site whose path was called.
  ///   - keyID: The key that signed the request; it is checked to be the site's and not revoked.
  ///   - nonce: The request's nonce; it is recorded in the same commit as what the request brings.
  ///   - identity: The centre's key, which signs where the audit log stands.
  ///   - now: Seconds since 1970.
  /// - Returns: The reply, to be sent after this returns: all that it says is on disk.
  /// - Throws: `CenterError.unknownSite`, `.revokedSite`, `.replayed`, or what the store throws.
  public func ingest(
    _ request: SyncRequest,
    site: String,
    keyID: String,
    nonce: RequestNonce? = nil,
    answeringAs identity: SigningIdentity,
    now: Int
  ) throws(CenterError) -> SyncReply {
    if request.batches.isEmpty {
      if let nonce { try use(nonce, now: now) }
      try noteModelVersion(request.modelVersion, site: site, keyID: keyID, now: now)
      try noteModelInUse(request.modelVersion, keyID: keyID)
      if request.wantsBuckets { try rebuild(site: site, for: request, keyID: keyID, now: now) }
      return try store.read { store in
        try Self.checkCaller(site: site, keyID: keyID, in: store)
        return try Self.reply(to: request, intake: nil, site: site, as: identity, in: store)
      }
    }
    let reply = try store.write { store in
      if let nonce { try Self.use(nonce, in: store, now: now) }
      try Self.checkCaller(site: site, keyID: keyID, in: store)
      try Self.noteModelVersion(request.modelVersion, site: site, keyID: keyID, in: store, now: now)
      try Self.noteModelInUse(request.modelVersion, keyID: keyID, in: store)
      var intake = Intake(site: site, keyID: keyID, now: now)
      for bytes in request.batches { try intake.take(bytes, in: store) }
      try intake.finish(in: store)
      return try Self.reply(to: request, intake: intake, site: site, as: identity, in: store)
    }
    try finishErasures()
    return reply
  }

  /// Keeps which release a device uses; an unchanged one costs no write.
  private func noteModelInUse(_ version: UInt64, keyID: String) throws(CenterError) {
    guard try store.read({ try Self.isNewInUse(version, keyID: keyID, in: $0) }) else { return }
    try store.write { try Self.noteModelInUse(version, keyID: keyID, in: $0) }
  }

  private static func noteModelInUse(
    _ version: UInt64,
    keyID: String,
    in store: any CenterWriting
  ) throws {
    guard try isNewInUse(version, keyID: keyID, in: store) else { return }
    try store.noteModel(version, keyID: keyID)
  }

  private static func isNewInUse(
    _ version: UInt64,
    keyID: String,
    in store: any CenterReading
  ) throws -> Bool {
    guard let known = try store.device(keyID), version <= UInt64(Int64.max) else { return false }
    return known.modelVersion != version
  }

  static func checkCaller(
    site: String,
    keyID: String,
    in store: any CenterReading
  ) throws {
    guard let record = try store.site(site) else { throw CenterError.unknownSite(site) }
    guard !record.isRevoked, let device = try store.device(keyID), device.site == site,
      !device.isRevoked
    else { throw CenterError.revokedSite(site) }
  }

  private static func reply(
    to request: SyncRequest,
    intake: Intake?,
    site: String,
    as identity: SigningIdentity,
    in store: any CenterReading
  ) throws -> SyncReply {
    // What came in this request need not go back in its reply.
    var known = request.stored
    if let intake { known.merge(intake.received) }
    let (batches, hasMore) = try store.batches(
      site: site,
      after: known,
      limitBytes: min(Int(request.replyLimitBytes), replyLimitBytes)
    )
    return SyncReply(
      vector: try store.vector(site: site),
      chainHeads: try store.chainHeads(site: site),
      stateRoot: try store.stateRoot(site: site),
      batches: try batches.map { try BatchRedactor.vouch(for: $0.bytes, identity: identity) },
      hasMore: hasMore,
      acceptedBatches: intake?.receipt.acceptedBatches ?? 0,
      acceptedChangesets: intake?.receipt.acceptedChangesets ?? 0,
      refused: (intake?.refused ?? []).map(BatchRefusal.init),
      modelVersion: try offeredVersion(in: store),
      stateBuckets: request.wantsBuckets ? try store.stateBuckets(site: site) : Data(),
      auditCheckpoint: try auditProof(
        since: request.auditSize,
        signedBy: identity,
        in: store
      )?.encoded() ?? Data(),
      kept: try store.keptVector(site: site),
      bucketAddresses: try request.wantedBucket.map {
        try store.bucketAddresses(site: site, bucket: $0)
      } ?? Data()
    )
  }
}
