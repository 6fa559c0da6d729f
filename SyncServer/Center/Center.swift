// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import SyncProtocol

/// The coordinating centre: what it does, apart from how requests reach it and where rows lie.
///
/// Time and randomness come from the caller. Every operation is one transaction of the store, and
/// what it returns is on disk.
public struct Center: Sendable {
  /// Where everything is kept.
  public let store: any CenterStore

  /// Works on a store.
  public init(store: any CenterStore) { self.store = store }
}

/// What is fixed about a centre when it is set up.
public struct CenterIdentity: Equatable, Sendable {
  /// The centre's name, for people.
  public let name: String
  /// The name of the key that signs its answers.
  public let keyID: String
  /// The public half of that key, 32 bytes.
  public let publicKey: Data
  /// The hosts under which it is reached, each with its port when that is fixed.
  public let hosts: [String]
  /// SHA-256 of the server's certificate, in hexadecimal.
  public let serverFingerprint: String

  /// Makes an identity of its parts.
  public init(
    name: String,
    keyID: String,
    publicKey: Data,
    hosts: [String],
    serverFingerprint: String
  ) {
    self.name = name
    self.keyID = keyID
    self.publicKey = publicKey
    self.hosts = hosts
    self.serverFingerprint = serverFingerprint
  }
}

extension Center {
  /// Sets up an empty store: identity, first root document, analysis plan.
  ///
  /// - Parameters:
  ///   - identity: Name, key and hosts.
  ///   - root: The first root document, signed.
  ///   - plan: The bytes of the analysis plan.
  ///   - now: Seconds since 1970.
  /// - Throws: `CenterError.alreadyInitialised`, or what the store throws.
  public func initialise(
    _ identity: CenterIdentity,
    root: Envelope,
    plan: Data,
    now: Int
  ) throws(CenterError) {
    let trusted = try Self.trusted(root)
    try store.write { store in
      guard try store.setting(Setting.name) == nil else { throw CenterError.alreadyInitialised }
      try store.set(Setting.name, to: Data(identity.name.utf8))
      try store.set(Setting.keyID, to: Data(identity.keyID.utf8))
      try store.set(Setting.publicKey, to: identity.publicKey)
      try store.set(Setting.hosts, to: Data(identity.hosts.joined(separator: "\n").utf8))
      try store.set(Setting.fingerprint, to: Data(identity.serverFingerprint.utf8))
      try store.insert(
        ChannelDocument(
          kind: .root,
          version: trusted.version,
          envelope: root,
          expiresAt: trusted.expires
        ),
        now: now
      )
      try store.record(
        AuditEvent(
          "center_initialised",
          subject: identity.keyID,
          details: ["root_sha256": Self.hexadecimal(sha256: root.payload)]
        ),
        now: now
      )
      try Self.register(plan: plan, in: store, now: now)
    }
  }

  /// What was fixed when the centre was set up.
  ///
  /// - Throws: `CenterError.notInitialised` when nothing was.
  public func identity() throws(CenterError) -> CenterIdentity {
    try store.read { try Self.identity(in: $0) }
  }

  static func identity(in store: any CenterReading) throws -> CenterIdentity {
    func text(_ name: String) throws -> String {
      guard let value = try store.setting(name) else { throw CenterError.notInitialised }
      return String(decoding: value, as: UTF8.self)
    }
    return CenterIdentity(
      name: try text(Setting.name),
      keyID: try text(Setting.keyID),
      publicKey: try store.setting(Setting.publicKey) ?? Data(),
      hosts: try text(Setting.hosts).split(separator: "\n").map(String.init),
      serverFingerprint: try text(Setting.fingerprint)
    )
  }

  /// Registers an analysis plan; cuts and refits from now on use it.
  ///
  /// - Returns: Its SHA-256 in hexadecimal.
  public func addPlan(_ plan: Data, now: Int) throws(CenterError) -> String {
    try store.write { try Self.register(plan: plan, in: $0, now: now) }
    return Self.hexadecimal(sha256: plan)
  }

  /// The analysis plan that was in force when a cut was frozen.
  ///
  /// - Throws: `CenterError.unknownCut`, `.noPlan` when the plan is gone, or `.planNotBeforeCut`
  ///   when the audit log does not have it registered before the cut.
  public func plan(of cut: String) throws(CenterError) -> Data {
    try store.read { store in
      guard let known = try store.cuts().first(where: { $0.id == cut }) else {
        throw CenterError.unknownCut(cut)
      }
      guard let plan = try store.plan(sha256: known.planSHA256) else { throw CenterError.noPlan }
      try Self.checkPlanOrder(of: known, in: store)
      return plan
    }
  }

  private static func register(plan: Data, in store: any CenterWriting, now: Int) throws {
    try store.insertPlan(plan, sha256: sha256(plan), now: now)
    try store.record(
      AuditEvent("plan_registered", subject: hexadecimal(sha256: plan)),
      now: now
    )
  }

  static func trusted(_ root: Envelope) throws(CenterError) -> TrustedRoot {
    do {
      return try TrustedRoot(root)
    } catch { throw .channelDocument("root: \(error)") }
  }
}

/// The names of settings.
enum Setting {
  static let name = "center_name"
  static let keyID = "service_key_id"
  static let publicKey = "service_public_key"
  static let hosts = "hosts"
  static let fingerprint = "server_fingerprint"
  /// Which life of the centre this is, 16 bytes in hexadecimal; absent before the first restore.
  static let epoch = "epoch"
  /// When the centre was last restored, decimal seconds since 1970.
  static let restoredAt = "restored_at"
  /// The newest release that a site said it has, decimal, when it is above the centre's own.
  static let modelSeen = "model_seen"
  /// How many audit entries the backup had that the centre was restored from, decimal.
  static let keptEntries = "kept_entries"
  /// What the root keys have stated about breaks of the audit log, a JSON array of envelopes.
  static let auditBreaks = "audit_breaks"
  /// `1` from a restore on until somebody has said who was revoked since the backup.
  static let revocationsOpen = "revocations_open"
}
