// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation
package import RiskModel
public import SyncProtocol

extension Center {
  /// Days after which a timestamp document is stale.
  public static let timestampLifetimeDays = 30

  /// Keeps a model as a candidate for release, unsigned.
  ///
  /// - Parameters:
  ///   - release: The bytes of the model release.
  ///   - modelID: The model's id, as in the release.
  ///   - version: The version, as in the release.
  ///   - cut: The cut it was refitted on; nil for the seed model.
  ///   - report: The report it was made with, as JSON.
  ///   - hasPassedGate: Whether it passed the gate of the plan.
  ///   - origin: What it was made from, as JSON; nil when nobody can make it again.
  ///   - now: Seconds since 1970.
  /// - Returns: The candidate; the one that is there already when the bytes are the same.
  /// - Throws: `CenterError.channelDocument` when the model has no form in the channel.
  public func addCandidate(
    _ release: Data,
    modelID: String,
    version: UInt64,
    cut: String?,
    report: Data,
    hasPassedGate: Bool,
    origin: Data? = nil,
    now: Int
  ) throws(CenterError) -> ModelCandidate {
    let envelope: Envelope
    do {
      envelope = try ModelChannelAuthor.model(release: release)
    } catch { throw .channelDocument("model: \(error)") }
    let candidate = ModelCandidate(
      id: "candidate-\(Self.hexadecimal(sha256: release).prefix(12))",
      cut: cut,
      modelID: modelID,
      version: version,
      hasPassedGate: hasPassedGate,
      madeAt: now,
      report: report,
      envelope: envelope
    )
    return try store.write { store in
      if let known = try store.candidate(candidate.id) { return known }
      try store.save(candidate)
      if let origin { try store.insertOrigin(.candidate, candidate.id, origin) }
      try store.record(
        AuditEvent(
          "candidate_made",
          subject: candidate.id,
          details: [
            "cut": cut ?? "", "passed_gate": String(hasPassedGate), "version": String(version),
          ]
        ),
        now: now
      )
      return candidate
    }
  }

  /// Signs a candidate with one model key.
  ///
  /// A candidate that has not passed the gate is signed only with a reason, by every signer. The
  /// first reason becomes part of the model's status and card before the first signature, so that
  /// every signature covers it.
  ///
  /// - Parameters:
  ///   - id: The candidate.
  ///   - key: One of the model keys that the root document lists.
  ///   - overrideReason: Why to release without the gate; nil when it was passed.
  ///   - now: Seconds since 1970.
  /// - Returns: The candidate and how many model keys have signed it.
  /// - Throws: `CenterError.ungated`, `.notAModelKey`, `.signedAlready`, `.alreadyReleased`.
  public func sign(
    _ id: String,
    key: Curve25519.Signing.PrivateKey,
    overrideReason: String?,
    now: Int
  ) throws(CenterError) -> (candidate: ModelCandidate, signatures: Int) {
    try store.write { store in
      guard var candidate = try store.candidate(id) else {
        throw CenterError.unknownCandidate(id)
      }
      guard candidate.releasedAt == nil else { throw CenterError.alreadyReleased(id) }
      let keys = try Self.modelKeys(in: store)
      guard keys.names.contains(Envelope.keyID(of: key.publicKey)) else {
        throw CenterError.notAModelKey
      }
      guard !candidate.envelope.isSigned(by: key.publicKey) else { throw CenterError.signedAlready }
      try Self.applyOverride(overrideReason, to: &candidate)
      try candidate.envelope.sign(by: key)
      try store.save(candidate)
      try store.record(
        AuditEvent(
          "candidate_signed",
          actor: Envelope.keyID(of: key.publicKey),
          subject: id,
          details: ["override_reason": overrideReason ?? ""].filter { !$0.value.isEmpty }
        ),
        now: now
      )
      return (candidate, candidate.envelope.signatures.count)
    }
  }

  static func applyOverride(
    _ reason: String?,
    to candidate: inout ModelCandidate
  ) throws {
    // The first model comes from no cut: there is no gate that it could have passed.
    guard !candidate.hasPassedGate, candidate.cut != nil else { return }
    // Every signer states the override: a reason that one gave is no reason of the other's.
    guard let reason, !reason.isEmpty else { throw CenterError.ungated(candidate.id) }
    guard candidate.overrideReason == nil else { return }
    candidate.overrideReason = reason
    guard candidate.envelope.signatures.isEmpty else { return }
    let release = try ModelRelease.decode(candidate.envelope.payload)
    candidate.envelope = try ModelChannelAuthor.model(
      release: release.overridden(reason).encoded()
    )
  }

  /// Publishes a candidate that enough model keys have signed, with a timestamp that lists it.
  ///
  /// - Parameters:
  ///   - id: The candidate.
  ///   - timestampKey: The centre's online timestamp key.
  ///   - now: Seconds since 1970.
  /// - Returns: The candidate, released.
  /// - Throws: `CenterError.tooFewSignatures`, `.versionNotRising`, `.alreadyReleased`.
  public func release(
    _ id: String,
    timestampKey: Curve25519.Signing.PrivateKey,
    now: Int
  ) throws(CenterError) -> ModelCandidate {
    try store.write { store in
      guard var candidate = try store.candidate(id) else {
        throw CenterError.unknownCandidate(id)
      }
      guard candidate.releasedAt == nil else { throw CenterError.alreadyReleased(id) }
      let root = try Self.root(in: store)
      guard root.modelKeysSigned(candidate.envelope) else {
        throw CenterError.tooFewSignatures(
          have: candidate.envelope.signatures.count,
          need: try Self.modelKeys(in: store).threshold
        )
      }
      let released = max(
        try Self.releasedVersion(in: store),
        try Self.versionSeen(in: store)
      )
      guard candidate.version > released else {
        throw CenterError.versionNotRising(candidate: candidate.version, released: released)
      }
      candidate.releasedAt = now
      try store.save(candidate)
      try store.insert(
        ChannelDocument(
          kind: .model,
          version: candidate.version,
          envelope: candidate.envelope,
          expiresAt: nil
        ),
        now: now
      )
      try Self.publishTimestamp(by: timestampKey, root: root, in: store, now: now)
      try store.record(
        AuditEvent(
          "model_released",
          subject: id,
          details: [
            "model": candidate.modelID, "version": String(candidate.version),
            "sha256": Self.hexadecimal(sha256: candidate.envelope.payload),
          ]
        ),
        now: now
      )
      return candidate
    }
  }
}

extension Center {
  /// Signs a new timestamp when the one in force has lived half its life.
  ///
  /// - Returns: Whether a new one was made.
  public func renewTimestamp(
    by key: Curve25519.Signing.PrivateKey,
    now: Int
  ) throws(CenterError) -> Bool {
    let current = try store.read { try $0.document(.timestamp, version: nil) }
    guard let expires = current?.expiresAt,
      expires - now < Self.timestampLifetimeDays * 86_400 / 2
    else { return false }
    return try store.write { store in
      let root = try Self.root(in: store)
      try Self.publishTimestamp(by: key, root: root, in: store, now: now)
      return true
    }
  }

  /// The documents that a site needs to believe the released model.
  ///
  /// - Throws: `CenterError.channelDocument` when no model was released.
  public func modelBundle() throws(CenterError) -> ModelBundle {
    try store.read { try Self.modelBundle(in: $0) }
  }

  static func modelBundle(in store: any CenterReading) throws -> ModelBundle {
    guard let model = try store.document(.model, version: nil),
      let timestamp = try store.document(.timestamp, version: nil)
    else { throw CenterError.channelDocument("no model was released") }
    // A restored centre lacks what sites have: an older model is not handed out beside it.
    guard try offeredVersion(in: store) == model.version else {
      throw CenterError.channelDocument("a newer model was released than this centre has")
    }
    return ModelBundle(
      roots: try store.documents(.root).map(\.envelope),
      timestamp: timestamp.envelope,
      model: model.envelope
    )
  }

  /// The bytes of a released model: the newest, or that of a version.
  ///
  /// - Throws: `CenterError.channelDocument` when there is none.
  public func releasedModel(version: UInt64? = nil) throws(CenterError) -> Data {
    guard let document = try store.read({ try $0.document(.model, version: version) }) else {
      throw .channelDocument("model \(version.map { "version \($0)" } ?? "") was not released")
    }
    return document.envelope.payload
  }

  /// All candidates, oldest first.
  public func modelCandidates() throws(CenterError) -> [ModelCandidate] {
    try store.read { try $0.candidates() }
  }

  /// Says whether as many model keys as a release needs have signed a document.
  public func isSignedByModelKeys(_ envelope: Envelope) throws(CenterError) -> Bool {
    try store.read { try Self.root(in: $0).modelKeysSigned(envelope) }
  }

  /// How many model keys must sign a release.
  public func requiredModelSignatures() throws(CenterError) -> Int {
    try store.read { try Self.modelKeys(in: $0).threshold }
  }

  static func releasedVersion(in store: any CenterReading) throws -> UInt64 {
    try store.document(.model, version: nil)?.version ?? 0
  }

  static func root(in store: any CenterReading) throws -> TrustedRoot {
    guard let root = try store.document(.root, version: nil) else {
      throw CenterError.notInitialised
    }
    return try trusted(root.envelope)
  }

  /// Publishes a timestamp that lists the newest release; its version rises, and is `least` or more.
  static func publishTimestamp(
    by key: Curve25519.Signing.PrivateKey,
    root: TrustedRoot,
    least: UInt64 = 1,
    in store: any CenterWriting,
    now: Int
  ) throws {
    guard
      RootListing(root).keys(of: .timestamp).contains(where: {
        $0.key.rawRepresentation == key.publicKey.rawRepresentation
      })
    else { throw CenterError.channelDocument("the timestamp key is none of the root's") }
    let version = max((try store.document(.timestamp, version: nil)?.version ?? 0) + 1, least)
    let expires = now + timestampLifetimeDays * 86_400
    var envelope = try ModelChannelAuthor.timestamp(
      version: version,
      expires: expires,
      rootVersion: root.version,
      models: try store.document(.model, version: nil).map { [$0.envelope] } ?? []
    )
    try envelope.sign(by: key)
    try store.insert(
      ChannelDocument(kind: .timestamp, version: version, envelope: envelope, expiresAt: expires),
      now: now
    )
  }

  /// The names of the model keys and how many must sign, as the root document lists them.
  private static func modelKeys(
    in store: any CenterReading
  ) throws -> (names: [String], threshold: Int) {
    let root = try root(in: store)
    let document = try JSONDecoder().decode(RootRoles.self, from: root.envelope.payload)
    guard let role = document.roles["model"] else { throw CenterError.channelDocument("root") }
    return (role.keyids, role.threshold)
  }
}

/// The part of a root document that lists who signs what.
private struct RootRoles: Decodable {
  struct Role: Decodable {
    let keyids: [String]
    let threshold: Int
  }
  let roles: [String: Role]
}

extension ModelRelease {
  /// The same model with the reason for its release in its status.
  package func overridden(_ reason: String) -> ModelRelease {
    var card = card
    card.limitations.insert("Released without passing the gate: \(reason)", at: 0)
    return ModelRelease(
      modelID: modelID,
      version: version,
      name: name,
      status: status == reason ? status : "\(status); released without the gate: \(reason)",
      outcome: outcome,
      predictors: predictors,
      intercept: intercept,
      coefficients: coefficients,
      covariance: covariance,
      cutoff: cutoff,
      isExternallyValidated: isExternallyValidated,
      statement: statement,
      warnings: warnings,
      card: card,
      vectors: vectors
    )
  }
}
