// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation
import RegistryDatabase
import Replication
import SyncProtocol

/// What a store holds, as counts and hashes: what a backup says of itself.
public struct CenterInventory: Codable, Equatable, Sendable {
  /// One site's part.
  public struct Site: Codable, Equatable, Sendable {
    /// The site's code.
    public let site: String
    /// Changesets of all its replicas.
    public let changesets: UInt64
    /// The root of the digest of its merged state, in hexadecimal.
    public let stateRoot: String
  }

  /// Every site by code.
  public let sites: [Site]
  /// The number of audit entries.
  public let auditEntries: UInt64
  /// The root of the audit log's hash tree, in hexadecimal.
  public let auditRoot: String
  /// The newest released model.
  public let modelVersion: UInt64
}

/// What a restored centre has forgotten and what was done about it.
public struct CenterRestoration: Equatable, Sendable {
  /// The new life of the centre, 16 bytes in hexadecimal.
  public let epoch: String
  /// Enrolment codes that were open in the backup and are void now.
  public let voidedCodes: Int
  /// Devices that may sync: those revoked since the backup are among them.
  public internal(set) var devices: [DeviceRecord]
}

extension Center {
  /// Checks the store's content against itself: audit chain, logs, digests, cuts.
  ///
  /// - Returns: What the store holds.
  /// - Throws: `CenterError.auditBroken`, `.cutDamaged`, or `.storage` naming the site whose log
  ///   or digest does not fit.
  public func verifiedInventory() throws(CenterError) -> CenterInventory {
    let last = try verifyAudit()
    return try store.read { store in
      for cut in try store.cuts() {
        guard let frozen = try store.cut(cut.id),
          try Self.sha256(frozen.content) == Self.presentHash(of: frozen, in: store)
        else { throw CenterError.cutDamaged(cut.id) }
      }
      return CenterInventory(
        sites: try store.sites().map { try Self.verified($0.code, in: store) },
        auditEntries: last.size,
        auditRoot: Self.hexadecimal(last.root),
        modelVersion: try Self.releasedVersion(in: store)
      )
    }
  }

  private static func verified(
    _ site: String,
    in store: any CenterReading
  ) throws -> CenterInventory.Site {
    var chains: [ReplicaID: (last: UInt64, hash: BatchHash)] = [:]
    try store.forEachBatch(site: site) { logged in
      let (last, hash) = chains[logged.replica] ?? (0, .none)
      let batch = try ReceivedBatch.batch(of: logged.bytes)
      guard batch.hash == logged.hash, batch.previous == hash, logged.firstSequence == last + 1
      else { throw CenterError.storage("the log of site \(site) is broken") }
      chains[logged.replica] = (logged.lastSequence, logged.hash)
    }
    let vector = try store.vector(site: site)
    guard vector.entries == chains.mapValues(\.last) else {
      throw CenterError.storage("the log of site \(site) has gaps")
    }
    let root = try store.stateRoot(site: site)
    guard try store.recomputedStateRoot(site: site) == root else {
      throw CenterError.storage("the merged record of site \(site) does not have its digest")
    }
    return CenterInventory.Site(
      site: site,
      changesets: vector.entries.values.reduce(0, +),
      stateRoot: hexadecimal(root)
    )
  }

  /// Notes in the audit log that a backup was made.
  ///
  /// - Parameters:
  ///   - sha256: The hash of the copied store, in hexadecimal.
  ///   - now: Seconds since 1970.
  /// - Throws: What the store throws.
  public func noteBackup(sha256: String, now: Int) throws(CenterError) {
    try store.write { store in
      try store.record(AuditEvent("backup_made", subject: sha256), now: now)
    }
  }
}

extension Center {
  /// Begins a new life of a centre whose store was copied back from a backup.
  ///
  /// What the former life learnt since is not here. Its nonces are unknown, so nothing that was
  /// signed before now is taken. Codes that were used since would be good again, so every open one
  /// is void. Timestamps of the model channel go on above every earlier one: their version is now.
  ///
  /// - Parameters:
  ///   - sha256: The hash of the backup's store, in hexadecimal, for the audit entry that names
  ///     the break.
  ///   - madeAt: When the backup was made, seconds since 1970.
  ///   - timestampKey: The centre's online timestamp key.
  ///   - epoch: 16 random bytes that name the new life.
  ///   - knowsRevocations: Whether somebody said who was revoked since the backup, or that nobody
  ///     was; until then the service does not start.
  ///   - now: Seconds since 1970.
  /// - Returns: What was forgotten, and what was done about it.
  /// - Throws: What the store throws.
  public func beginAnew(
    from sha256: String,
    madeAt: Int,
    timestampKey: Curve25519.Signing.PrivateKey,
    epoch: Data,
    knowsRevocations: Bool,
    now: Int
  ) throws(CenterError) -> CenterRestoration {
    let name = Self.hexadecimal(epoch)
    return try store.write { store in
      let last = try store.auditTree()
      let voided = try store.voidEnrolmentCodes(now: now)
      try store.set(Setting.epoch, to: Data(name.utf8))
      try store.set(Setting.restoredAt, to: Data(String(now).utf8))
      try store.set(Setting.keptEntries, to: Data(String(last.size).utf8))
      try store.set(Setting.revocationsOpen, to: Data((knowsRevocations ? "0" : "1").utf8))
      if try store.document(.model, version: nil) != nil {
        try Self.publishTimestamp(
          by: timestampKey,
          root: try Self.root(in: store),
          least: UInt64(clamping: now),
          in: store,
          now: now
        )
      }
      try store.record(
        AuditEvent(
          "center_restored",
          subject: sha256,
          details: [
            "backup_made": String(madeAt), "epoch": name, "voided_codes": String(voided),
            "kept_entries": String(last.size), "kept_root": Self.hexadecimal(try last.root()),
            "revocations": knowsRevocations ? "confirmed" : "open",
          ]
        ),
        now: now
      )
      return CenterRestoration(
        epoch: name,
        voidedCodes: voided,
        devices: try store.devices(site: nil).filter { !$0.isRevoked }
      )
    }
  }

  /// Revokes anew what was revoked in the life before, after `beginAnew`.
  ///
  /// - Parameters:
  ///   - names: Sites (`CODE`) and devices (`CODE/1`).
  ///   - restoration: What was forgotten; the devices that may sync are told anew.
  ///   - now: Seconds since 1970.
  /// - Throws: `CenterError.unknownSite` or `.unknownDevice`.
  public func revoke(
    _ names: [String],
    after restoration: inout CenterRestoration,
    now: Int
  ) throws(CenterError) {
    for name in names {
      if let slash = name.firstIndex(of: "/") {
        try revokeDevice(name, of: String(name[..<slash]), now: now)
      } else {
        try revokeSite(name, now: now)
      }
    }
    restoration.devices = try store.read { try $0.devices(site: nil).filter { !$0.isRevoked } }
  }

  /// Since when nonces are known, seconds since 1970; 0 for a centre that was never restored.
  ///
  /// The nonce of a request that was signed before may have been used in the life before.
  public func noncesKnownFrom() throws(CenterError) -> Int {
    try store.read { store in
      try store.setting(Setting.restoredAt).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        ?? 0
    }
  }

  /// Whether a restored centre waits to be told who was revoked since its backup.
  public func awaitsRevocations() throws(CenterError) -> Bool {
    try store.read { try $0.setting(Setting.revocationsOpen) == Data("1".utf8) }
  }

  /// Takes the revocations for complete: all that were forgotten with the restore were done again.
  ///
  /// - Parameter now: Seconds since 1970, for the audit.
  /// - Returns: The devices that may sync.
  /// - Throws: What the store throws.
  public func confirmRevocations(now: Int) throws(CenterError) -> [DeviceRecord] {
    try store.write { store in
      let devices = try store.devices(site: nil).filter { !$0.isRevoked }
      guard try store.setting(Setting.revocationsOpen) == Data("1".utf8) else { return devices }
      try store.set(Setting.revocationsOpen, to: Data("0".utf8))
      try store.record(
        AuditEvent(
          "revocations_confirmed",
          subject: "",
          details: ["devices": String(devices.count)]
        ),
        now: now
      )
      return devices
    }
  }

  /// How far above its own a restored centre believes a site's word about a release.
  private static let modelSeenLimit: UInt64 = 1_000

  /// Keeps in mind that a site has a newer release than a restored centre.
  func noteModelVersion(
    _ version: UInt64,
    site: String,
    keyID: String,
    now: Int
  ) throws(CenterError) {
    guard try store.read({ try Self.isNewModel(version, in: $0) }) else { return }
    try store.write { store in
      try Self.checkCaller(site: site, keyID: keyID, in: store)
      try Self.noteModelVersion(version, site: site, keyID: keyID, in: store, now: now)
    }
  }

  /// Does the same within a transaction, for a caller that was checked.
  static func noteModelVersion(
    _ version: UInt64,
    site: String,
    keyID: String,
    in store: any CenterWriting,
    now: Int
  ) throws {
    guard try isNewModel(version, in: store) else { return }
    try store.set(Setting.modelSeen, to: Data(String(version).utf8))
    try store.record(
      AuditEvent(
        "newer_model_seen",
        actor: keyID,
        subject: site,
        details: ["version": String(version)]
      ),
      now: now
    )
  }

  private static func isNewModel(_ version: UInt64, in store: any CenterReading) throws -> Bool {
    guard try store.setting(Setting.restoredAt) != nil else { return false }
    let released = try releasedVersion(in: store)
    return version > max(released, try versionSeen(in: store))
      && version - released <= modelSeenLimit
  }

  /// The newest release that sites have said they have; 0 when none is above the centre's own.
  static func versionSeen(in store: any CenterReading) throws -> UInt64 {
    try store.setting(Setting.modelSeen).flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
      ?? 0
  }

  /// The release that sites are offered; 0 while a site has a newer one than this centre.
  static func offeredVersion(in store: any CenterReading) throws -> UInt64 {
    let released = try releasedVersion(in: store)
    return try versionSeen(in: store) > released ? 0 : released
  }

  /// The release that sites are offered; 0 while a site has a newer one than this centre.
  package func offeredModel() throws(CenterError) -> UInt64 {
    try store.read { try Self.offeredVersion(in: $0) }
  }

  /// The version that the next release must exceed.
  public func versionToExceed() throws(CenterError) -> UInt64 {
    try store.read { store in
      max(try Self.releasedVersion(in: store), try Self.versionSeen(in: store))
    }
  }
}
