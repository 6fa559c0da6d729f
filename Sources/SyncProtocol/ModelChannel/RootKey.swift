// SPDX-License-Identifier: Apache-2.0

public import Crypto
import Foundation

/// A key that a root document lists, with what it may sign.
public struct RootKey: Sendable {
  /// The roles of a root document.
  public enum Role: String, CaseIterable, Sendable {
    /// Signs roots.
    case root
    /// Signs models.
    case model
    /// Signs timestamps.
    case timestamp
  }

  /// The SHA-256 of the key in hexadecimal.
  public let keyID: String
  /// Its name for people; nil when it has none.
  public let name: String?
  /// What it may sign.
  public let role: Role
  /// The key.
  public let key: Curve25519.Signing.PublicKey
}

/// What a root document says, whoever signed it.
public struct RootListing: Sendable {
  /// The version, rising by one.
  public let version: UInt64
  /// When it expires, seconds since 1970.
  public let expires: Int
  /// Every key of every role, in the document's order.
  public let keys: [RootKey]
  /// How many keys of a role must sign.
  public let thresholds: [RootKey.Role: Int]

  /// Reads a root document without looking at its signatures.
  ///
  /// - Throws: `payloadType`, `malformed` or `thresholdInvalid`.
  public init(unverified envelope: Envelope) throws(ModelChannelRefusal) {
    self.init(try RootDocument(envelope))
  }

  /// What a trusted root says.
  public init(_ root: TrustedRoot) { self.init(root.document) }

  private init(_ document: RootDocument) {
    version = document.version
    expires = document.expires
    let roles: [(RootKey.Role, ChannelRole)] = [
      (.root, document.root), (.model, document.model), (.timestamp, document.timestamp),
    ]
    keys = roles.flatMap { role, listed in
      listed.keys.map { key in
        let keyID = Envelope.keyID(of: key)
        return RootKey(keyID: keyID, name: document.names[keyID], role: role, key: key)
      }
    }
    thresholds = Dictionary(uniqueKeysWithValues: roles.map { ($0.0, $0.1.threshold) })
  }

  /// The keys of a role.
  public func keys(of role: RootKey.Role) -> [RootKey] { keys.filter { $0.role == role } }

  /// The keys of a role that signed an envelope.
  public func signers(of envelope: Envelope, as role: RootKey.Role) -> [RootKey] {
    var seen: Set<String> = []
    return keys(of: role).filter { envelope.isSigned(by: $0.key) && seen.insert($0.keyID).inserted }
  }
}
