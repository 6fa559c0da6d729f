// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RiskModel
import SyncProtocol

extension SyncEngine {
  private static let insertModel = """
    INSERT OR REPLACE INTO site_model (version, release, activated_at, signers)
    VALUES (?, ?, ?, ?)
    """
  /// When the timestamp has less time left, roots and a newer timestamp are fetched without a model.
  private static let refreshSeconds = 14 * 86_400

  /// Fetches, verifies and activates a newer release; the one in use stays when it is refused.
  ///
  /// A refused model does not undo the exchange of data, so it is reported rather than thrown.
  func fetchModel(
    _ offered: UInt64,
    _ connection: inout CenterConnection,
    _ report: inout SyncReport,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) {
    let held = try store.read { try store.signedModelVersion(in: $0) }
    guard offered > held else {
      // None is offered by a restored centre that lacks what sites have.
      if offered > 0, offered < held {
        report.modelRefusal = .notNewer(held: held, offered: offered)
      }
      if offered > 0, offered == held {
        try await refresh(&connection, &report, actor, using: &generator)
      }
      return
    }
    let body = try await fetch(&connection, using: &generator)
    do throws(ModelRefusal) {
      let accepted = try verified(body, now: actor.now + connection.clockOffset)
      try activate(accepted, actor)
    } catch {
      report.modelRefusal = error
    }
  }

  private func fetch(
    _ connection: inout CenterConnection,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) -> Data {
    do throws(RemoteFailure) {
      return try await connection.send(
        HTTPRequestMessage(method: "GET", target: SyncRoutes.model(store.site)),
        using: &generator
      )
    } catch {
      throw .remote(error)
    }
  }

  /// Takes new root documents and a newer timestamp when the one at hand will soon be stale.
  ///
  /// Without it, a rotated key would come to be known with the next model only.
  private func refresh(
    _ connection: inout CenterConnection,
    _ report: inout SyncReport,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) {
    let now = actor.now + connection.clockOffset
    let expires = try store.channelFreshness()?.timestampExpires ?? 0
    guard expires - now < Self.refreshSeconds else { return }
    let body = try await fetch(&connection, using: &generator)
    do throws(ModelRefusal) {
      let (bundle, kept) = try opened(body)
      var state = kept
      try Self.accept(bundle.roots, &state, now: now)
      // A rotation of the keys survives the refusal of what came with it.
      try? keep(state)
      try Self.accept(ModelChannelUpdate(timestamp: bundle.timestamp), &state, now: now)
      try? keep(state)
    } catch {
      report.modelRefusal = error
    }
  }

  private func opened(
    _ body: Data
  ) throws(ModelRefusal) -> (bundle: ModelBundle, state: ModelChannelState) {
    guard (try? StrictJSON.parse(body)) != nil,
      let bundle = try? JSONDecoder().decode(ModelBundle.self, from: body),
      let kept = try? store.read({ try StoreMeta.data(.modelChannel, in: $0) }),
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
    try store.write { try StoreMeta.set(.modelChannel, bytes, in: $0) }
  }

  private func activate(
    _ accepted: VerifiedModel,
    _ actor: Actor
  ) throws(ModelRefusal) {
    do {
      let bytes = try JSONEncoder().encode(accepted.state)
      let version = accepted.release.version
      let signers = String(decoding: try JSONEncoder().encode(accepted.signers), as: UTF8.self)
      try store.write { database in
        guard version > (try store.signedModelVersion(in: database)) else {
          throw ModelRefusal.notNewer(
            held: try store.signedModelVersion(in: database),
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
