// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
public import SyncProtocol

/// The next root document: the one in force with keys added and dropped.
public enum RootDraft {
  /// What changes.
  public struct Change: Sendable {
    /// Keys to add, by role.
    public var added: [RootKey.Role: [KeyFile.PublicHalf]]
    /// Keys to drop from every role, by key id or its first sixteen digits or more.
    public var dropped: [String]
    /// How many keys must sign, where that changes.
    public var thresholds: [RootKey.Role: Int]

    /// Joins the parts.
    public init(
      added: [RootKey.Role: [KeyFile.PublicHalf]],
      dropped: [String] = [],
      thresholds: [RootKey.Role: Int] = [:]
    ) {
      self.added = added
      self.dropped = dropped
      self.thresholds = thresholds
    }
  }

  private static let shortestName = 16

  /// Drafts the successor of a root, or a first root when there is none; nobody has signed it.
  ///
  /// - Parameters:
  ///   - root: The root in force; nil for the first.
  ///   - change: What changes.
  ///   - expires: When the draft will expire, seconds since 1970.
  /// - Returns: The document in an envelope without signatures.
  /// - Throws: `CenterServiceError.modelChannel` for a threshold that the keys cannot meet, or a
  ///   dropped key that is not there.
  public static func make(
    after root: RootListing?,
    _ change: Change,
    expires: Int
  ) throws(CenterServiceError) -> Envelope {
    for name in change.dropped {
      let isThere = root?.keys.contains { $0.keyID.hasPrefix(name) } ?? false
      guard name.count >= shortestName, isThere else {
        throw .modelChannel("no key of the root is named \(name)")
      }
    }
    var names: [String: String] = [:]
    func keys(_ role: RootKey.Role) -> [Curve25519.Signing.PublicKey] {
      let kept = (root?.keys(of: role) ?? []).filter { key in
        !change.dropped.contains { key.keyID.hasPrefix($0) }
      }
      for key in kept { names[key.keyID] = key.name }
      let added = (change.added[role] ?? []).filter { half in
        !kept.contains { $0.keyID == half.keyID }
      }
      for half in added where !half.name.isEmpty { names[half.keyID] = half.name }
      return kept.map(\.key) + added.map(\.key)
    }
    func threshold(_ role: RootKey.Role) -> Int {
      change.thresholds[role] ?? root?.thresholds[role] ?? (role == .timestamp ? 1 : 2)
    }
    let (rootKeys, modelKeys, timestampKeys) = (keys(.root), keys(.model), keys(.timestamp))
    do throws(ModelChannelRefusal) {
      return try ModelChannelAuthor.root(
        version: (root?.version ?? 0) + 1,
        expires: expires,
        rootKeys: rootKeys,
        modelKeys: modelKeys,
        timestampKeys: timestampKeys,
        names: names,
        rootThreshold: threshold(.root),
        modelThreshold: threshold(.model),
        timestampThreshold: threshold(.timestamp)
      )
    } catch { throw .modelChannel("root: \(error.rawValue)") }
  }
}
