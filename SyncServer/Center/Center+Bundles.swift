// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
import RegistryDatabase
import Replication
public import SyncProtocol

/// What reading a site's bundle did.
public struct BundleIntake: Equatable, Sendable {
  /// The site whose bundle it was.
  public let site: String
  /// The key that wrote it.
  public let keyID: String
  /// Changesets of the batches that are at the centre now.
  public let acceptedChangesets: Int
  /// Batches that were not taken; a damaged one names nobody.
  public let refused: [BatchRefusal]
  /// Batches that the file ends before.
  public let missingBatches: Int
  /// Whether both ends hold the same merged state; nil when their vectors differ.
  public let isDigestEqual: Bool?
}

/// A bundle for a site, to be written to a file.
public struct SiteBundle: Equatable, Sendable {
  /// The file's bytes.
  public let bytes: Data
  /// How many batches are in it.
  public let batches: Int
}

extension Center {
  /// Takes in a site's bundle through the same checks as a request, in one transaction.
  ///
  /// Each whole batch is taken or refused for itself, also when the file ends too early. Reading
  /// it again changes nothing. What the device says it has is kept for the answer.
  ///
  /// - Throws: `CenterError.bundle` when the file as a whole is no bundle of an enrolled device of
  ///   a site; `.unknownSite` and `.revokedSite` as for a request.
  public func readBundle(_ bytes: Data, now: Int) throws(CenterError) -> BundleIntake {
    let bundle: SyncBundle
    do {
      bundle = try SyncBundle.read(bytes)
    } catch { throw .bundle(.form) }
    guard bundle.direction == .toCenter else { throw .bundle(.forSite(bundle.site)) }
    let intake = try store.write { store in
      try Self.checkCaller(site: bundle.site, keyID: bundle.keyID, in: store)
      guard let device = try store.device(bundle.keyID),
        let key = try? Curve25519.Signing.PublicKey(rawRepresentation: device.publicKey),
        (try? bundle.verify(publicKey: key)) != nil
      else { throw CenterError.bundle(.signature(keyID: bundle.keyID)) }
      var intake = Intake(site: bundle.site, keyID: bundle.keyID, now: now)
      for content in bundle.contents {
        switch content {
        case .whole(let bytes): try intake.take(bytes, in: store)
        case .damaged: intake.refuseDamaged()
        case .missing: break
        }
      }
      try intake.finish(in: store)
      try store.set(
        Setting.bundleSeen(site: bundle.site, keyID: bundle.keyID),
        to: SyncRequest(
          vector: bundle.state.vector,
          chainHeads: bundle.state.chainHeads,
          stateRoot: bundle.state.stateRoot,
          kept: bundle.state.kept
        ).encoded()
      )
      return try Self.result(of: intake, bundle, in: store)
    }
    try finishErasures()
    try noteModelVersion(
      bundle.state.modelVersion,
      site: bundle.site,
      keyID: bundle.keyID,
      now: now
    )
    return intake
  }

  /// Collects what a site lacks, for a file.
  ///
  /// It is meant for every device of the site that has written a bundle: what any of them lacked
  /// is in it.
  ///
  /// - Parameters:
  ///   - site: The site's code.
  ///   - includesAll: Whether to take every batch of the site.
  ///   - identity: The key that signs the centre's answers.
  ///   - now: Seconds since 1970, for the audit.
  /// - Returns: The bundle; without batches it still acknowledges.
  /// - Throws: `CenterError.unknownSite`, `.revokedSite`, or what the store throws.
  public func makeBundle(
    for site: String,
    includesAll: Bool = false,
    identity: SigningIdentity,
    now: Int
  ) throws(CenterError) -> SiteBundle {
    try store.write { store in
      guard let record = try store.site(site) else { throw CenterError.unknownSite(site) }
      guard !record.isRevoked else { throw CenterError.revokedSite(site) }
      let known = includesAll ? VersionVector() : try Self.commonlySeen(site, in: store)
      let batches = try store.batches(site: site, after: known, limitBytes: .max).batches
      let bytes = try SyncBundle.write(
        batches.map { try BatchRedactor.vouch(for: $0.bytes, identity: identity) },
        direction: .toSite,
        site: site,
        state: SyncRequest(
          vector: try store.vector(site: site),
          chainHeads: try store.chainHeads(site: site),
          stateRoot: try store.stateRoot(site: site),
          modelVersion: try Self.offeredVersion(in: store),
          kept: try store.keptVector(site: site)
        ),
        documents: try Self.modelDocuments(in: store),
        identity: identity
      )
      try store.record(
        AuditEvent("bundle_written", subject: site, details: ["batches": String(batches.count)]),
        now: now
      )
      return SiteBundle(bytes: bytes, batches: batches.count)
    }
  }

  /// What the model route would answer; nil when no model is offered.
  private static func modelDocuments(in store: any CenterReading) throws -> Data? {
    guard try offeredVersion(in: store) > 0 else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(try modelBundle(in: store))
  }

  private static func result(
    of intake: Intake,
    _ bundle: SyncBundle,
    in store: any CenterWriting
  ) throws -> BundleIntake {
    var isEqual: Bool?
    if try store.vector(site: bundle.site) == bundle.state.vector,
      try store.unmarkedPatients(site: bundle.site) == 0
    {
      isEqual = try store.stateRoot(site: bundle.site) == bundle.state.stateRoot
    }
    return BundleIntake(
      site: bundle.site,
      keyID: bundle.keyID,
      acceptedChangesets: intake.receipt.acceptedChangesets,
      refused: intake.refused.map(BatchRefusal.init),
      missingBatches: bundle.missingCount,
      isDigestEqual: isEqual
    )
  }

  /// What every device that wrote a bundle had: the least of each author.
  private static func commonlySeen(
    _ site: String,
    in store: any CenterReading
  ) throws -> VersionVector {
    let stated = try store.devices(site: site).filter { !$0.isRevoked }.compactMap { device in
      try store.setting(Setting.bundleSeen(site: site, keyID: device.keyID))
    }
    let vectors = try stated.map { try SyncRequest(decoding: $0).stored }
    guard let first = vectors.first else { return VersionVector() }
    return VersionVector(
      first.entries.reduce(into: [:]) { common, entry in
        let least = vectors.map { $0[entry.key] }.min() ?? 0
        if least > 0 { common[entry.key] = least }
      }
    )
  }
}

extension BatchRefusal {
  /// The refusal as it travels.
  init(_ batch: RefusedBatch) {
    self.init(
      replica: batch.replica,
      firstSequence: batch.firstSequence,
      changesets: batch.changesets,
      reason: batch.reason
    )
  }
}

extension Setting {
  /// What a device said it has in its last bundle.
  static func bundleSeen(site: String, keyID: String) -> String { "bundle_seen \(site) \(keyID)" }
}
