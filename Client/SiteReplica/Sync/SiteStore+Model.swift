// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RiskModel
import SyncProtocol

extension SiteStore {
  private static let insertModel = """
    INSERT OR REPLACE INTO site_model (version, release, activated_at, signers)
    VALUES (?, ?, ?, ?)
    """

  /// Verifies the model channel's documents and takes the release in them into use.
  ///
  /// - Parameters:
  ///   - documents: What the model route answers, or a bundle of the centre carries.
  ///   - now: The centre's clock, as far as it is known.
  ///   - actor: Who did it, for the audit trail.
  /// - Throws: `ModelRefusal`; the model in use stays.
  func takeModel(_ documents: Data, now: Int, actor: Actor) throws(ModelRefusal) {
    try activate(try verified(documents, now: now), actor)
  }

  /// Takes new root documents and a newer timestamp, and no model.
  ///
  /// - Parameters:
  ///   - documents: What the model route answers.
  ///   - now: The centre's clock, as far as it is known.
  /// - Throws: `ModelRefusal`; what was accepted before it stays.
  func takeFreshness(_ documents: Data, now: Int) throws(ModelRefusal) {
    let (bundle, kept) = try opened(documents)
    var state = kept
    try Self.accept(bundle.roots, &state, now: now)
    // A rotation of the keys survives the refusal of what came with it.
    try? keep(state)
    try Self.accept(ModelChannelUpdate(timestamp: bundle.timestamp), &state, now: now)
    try? keep(state)
  }

  private func opened(
    _ body: Data
  ) throws(ModelRefusal) -> (bundle: ModelBundle, state: ModelChannelState) {
    guard (try? StrictJSON.parse(body)) != nil,
      let bundle = try? JSONDecoder().decode(ModelBundle.self, from: body),
      let kept = try? read({ try StoreMeta.data(.modelChannel, in: $0) }),
      let state = try? JSONDecoder().decode(ModelChannelState.self, from: kept)
    else { throw .untrusted(reason: "malformed") }
    return (bundle, state)
  }

  /// Takes every newer root of a list, as many steps as that needs.
  private static func accept(
    _ roots: [Envelope],
    _ state: inout ModelChannelState,
    now: Int
  ) throws(ModelRefusal) {
    try accept(ModelChannelUpdate(roots: state.newerRoots(among: roots)), &state, now: now)
  }

  private static func accept(
    _ update: ModelChannelUpdate,
    _ state: inout ModelChannelState,
    now: Int
  ) throws(ModelRefusal) {
    do throws(ModelChannelRefusal) {
      try state.accept(update, now: now)
    } catch {
      throw error == .timestampExpired ? .expired : .untrusted(reason: error.rawValue)
    }
  }

  /// The release of a bundle whose signatures, versions and test vectors all hold.
  private func verified(
    _ body: Data,
    now: Int
  ) throws(ModelRefusal) -> VerifiedModel {
    let (bundle, kept) = try opened(body)
    var state = kept
    try Self.accept(bundle.roots, &state, now: now)
    // A rotation of the keys survives the refusal of what came with it.
    try? keep(state)
    try Self.accept(
      ModelChannelUpdate(timestamp: bundle.timestamp, model: bundle.model),
      &state,
      now: now
    )
    let release: ModelRelease
    do throws(RiskModelError) {
      release = try ModelRelease.decode(bundle.model.payload)
    } catch {
      if case .vectorNotReproduced = error { throw .vectorsDiffer }
      throw .untrusted(reason: "it is not a model release")
    }
    return VerifiedModel(
      state: state,
      release: release,
      payload: bundle.model.payload,
      signers: RootListing(state.root).signers(of: bundle.model, as: .model).map(ModelSigner.init)
    )
  }

  private func keep(_ state: ModelChannelState) throws {
    let bytes = try JSONEncoder().encode(state)
    try write { try StoreMeta.set(.modelChannel, bytes, in: $0) }
  }

  private func activate(
    _ accepted: VerifiedModel,
    _ actor: Actor
  ) throws(ModelRefusal) {
    do {
      let bytes = try JSONEncoder().encode(accepted.state)
      let version = accepted.release.version
      let signers = String(decoding: try JSONEncoder().encode(accepted.signers), as: UTF8.self)
      try write { database in
        guard version > (try signedModelVersion(in: database)) else {
          throw ModelRefusal.notNewer(
            held: try signedModelVersion(in: database),
            offered: version
          )
        }
        try StoreMeta.set(.modelChannel, bytes, in: database)
        try database.execute(
          sql: Self.insertModel,
          arguments: [Int64(version), accepted.payload, actor.now, signers]
        )
        try StoreMeta.set(.modelVersion, String(version), in: database)
        var trail = try AuditTrail(database)
        try trail.append(.modelActivated, by: actor, details: #"{"version":\#(version)}"#)
      }
    } catch SiteReplicaError.modelRefused(let refusal) {
      throw refusal
    } catch {
      throw .untrusted(reason: "it could not be stored")
    }
  }
}

/// A release whose signatures, versions and test vectors all hold.
private struct VerifiedModel {
  let state: ModelChannelState
  let release: ModelRelease
  let payload: Data
  let signers: [ModelSigner]
}
