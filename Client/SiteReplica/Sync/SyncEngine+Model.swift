// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RiskModel
import SyncProtocol

extension SyncEngine {
  private static let insertModel =
    "INSERT OR REPLACE INTO site_model (version, release, activated_at) VALUES (?, ?, ?)"

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
      return
    }
    let body: Data
    do throws(RemoteFailure) {
      body = try await connection.send(
        HTTPRequestMessage(method: "GET", target: SyncRoutes.model(store.site)),
        using: &generator
      )
    } catch {
      throw .remote(error)
    }
    do throws(ModelRefusal) {
      let accepted = try verified(body, now: actor.now + connection.clockOffset)
      try activate(accepted, actor)
    } catch {
      report.modelRefusal = error
    }
  }

  /// The release of a bundle whose signatures, versions and test vectors all hold.
  private func verified(
    _ body: Data,
    now: Int
  ) throws(ModelRefusal) -> (state: ModelChannelState, release: ModelRelease, payload: Data) {
    guard (try? StrictJSON.parse(body)) != nil,
      let bundle = try? JSONDecoder().decode(ModelBundle.self, from: body),
      let kept = try? store.read({ try StoreMeta.data(.modelChannel, in: $0) }),
      var state = try? JSONDecoder().decode(ModelChannelState.self, from: kept)
    else { throw .untrusted(reason: "malformed") }
    do throws(ModelChannelRefusal) {
      try state.accept(
        ModelChannelUpdate(roots: state.newerRoots(among: bundle.roots)),
        now: now
      )
      // A rotation of the keys survives the refusal of what came with it.
      try? keep(state)
      try state.accept(
        ModelChannelUpdate(timestamp: bundle.timestamp, model: bundle.model),
        now: now
      )
    } catch {
      throw error == .timestampExpired ? .expired : .untrusted(reason: error.rawValue)
    }
    let release: ModelRelease
    do throws(RiskModelError) {
      release = try ModelRelease.decode(bundle.model.payload)
    } catch {
      if case .vectorNotReproduced = error { throw .vectorsDiffer }
      throw .untrusted(reason: "it is not a model release")
    }
    return (state, release, bundle.model.payload)
  }

  private func keep(_ state: ModelChannelState) throws {
    let bytes = try JSONEncoder().encode(state)
    try store.write { try StoreMeta.set(.modelChannel, bytes, in: $0) }
  }

  private func activate(
    _ accepted: (state: ModelChannelState, release: ModelRelease, payload: Data),
    _ actor: Actor
  ) throws(ModelRefusal) {
    do {
      let bytes = try JSONEncoder().encode(accepted.state)
      let version = accepted.release.version
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
          arguments: [Int64(version), accepted.payload, actor.now]
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
