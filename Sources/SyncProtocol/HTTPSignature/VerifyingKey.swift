// SPDX-License-Identifier: Apache-2.0

public import Crypto

/// A public key with what its holder may do.
public struct VerifyingKey: Sendable {
  /// The name of the key.
  public let keyID: String
  /// The site of the holder; `nil` for a role of the coordinating centre.
  public let site: String?
  /// The role of the holder, such as `site_replica` or `auditor`.
  public let role: String
  /// Whether the key was withdrawn.
  public let isRevoked: Bool
  /// The Ed25519 public key.
  public let publicKey: Curve25519.Signing.PublicKey

  /// Makes a key of its parts.
  public init(
    keyID: String,
    site: String?,
    role: String,
    isRevoked: Bool,
    publicKey: Curve25519.Signing.PublicKey
  ) {
    self.keyID = keyID
    self.site = site
    self.role = role
    self.isRevoked = isRevoked
    self.publicKey = publicKey
  }
}

extension VerifyingKey: Equatable {
  /// Keys are equal when all their parts are.
  public static func == (left: VerifyingKey, right: VerifyingKey) -> Bool {
    left.keyID == right.keyID && left.site == right.site && left.role == right.role
      && left.isRevoked == right.isRevoked
      && left.publicKey.rawRepresentation == right.publicKey.rawRepresentation
  }
}
