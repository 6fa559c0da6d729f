// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol

extension SyncEngine {
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
      try store.takeModel(body, now: actor.now + connection.clockOffset, actor: actor)
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
      try store.takeFreshness(body, now: now)
    } catch {
      report.modelRefusal = error
    }
  }
}
