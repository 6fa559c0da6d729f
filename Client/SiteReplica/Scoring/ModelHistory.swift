// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
public import RiskModel
import SyncProtocol

/// Who signed a release.
public struct ModelSigner: Codable, Hashable, Sendable {
  /// The SHA-256 of the key, in hexadecimal.
  public let keyID: String
  /// The key's name for people; nil when the root document gives none.
  public let name: String?

  private enum CodingKeys: String, CodingKey {
    case keyID = "key_id"
    case name
  }

  init(_ key: RootKey) {
    keyID = key.keyID
    name = key.name
  }
}

/// A release that was activated on this device.
public struct ActivatedModel: Sendable {
  /// The release.
  public let release: ModelRelease
  /// When it was activated, Unix seconds.
  public let activatedAt: Int
  /// Who signed it; empty when an earlier program activated it.
  public let signers: [ModelSigner]
}

/// How fresh what is known of the model channel is.
public struct ChannelFreshness: Equatable, Sendable {
  /// The version of the root document that is trusted.
  public let rootVersion: UInt64
  /// When the root document expires, Unix seconds.
  public let rootExpires: Int
  /// The version of the newest timestamp; nil before the first.
  public let timestampVersion: UInt64?
  /// When that timestamp expires, Unix seconds: from then on no update is taken, and scoring goes on.
  public let timestampExpires: Int?
}

extension SiteStore {
  private static let selectHistory =
    "SELECT release, activated_at, signers FROM site_model ORDER BY version DESC"

  /// Every release that was activated here, newest first.
  public func modelHistory() throws(SiteReplicaError) -> [ActivatedModel] {
    try read { database in
      try Row.fetchAll(database, sql: Self.selectHistory).map { row in
        guard let release = try? ModelRelease.decode(row["release"] as Data) else {
          throw SiteReplicaError.storeDamaged("model release")
        }
        let signers = (row["signers"] as String?).flatMap {
          try? JSONDecoder().decode([ModelSigner].self, from: Data($0.utf8))
        }
        return ActivatedModel(
          release: release,
          activatedAt: row["activated_at"],
          signers: signers ?? []
        )
      }
    }
  }

  /// How fresh what is known of the model channel is; nil before enrolment.
  public func channelFreshness() throws(SiteReplicaError) -> ChannelFreshness? {
    guard let kept = try read({ try StoreMeta.data(.modelChannel, in: $0) }) else { return nil }
    guard let state = try? JSONDecoder().decode(ModelChannelState.self, from: kept) else {
      throw .storeDamaged("model channel")
    }
    return ChannelFreshness(
      rootVersion: state.root.version,
      rootExpires: state.root.expires,
      timestampVersion: state.timestampVersion,
      timestampExpires: state.timestampExpires
    )
  }
}
