// SPDX-License-Identifier: Apache-2.0

public import Crypto

/// A private key with the name under which the other side knows it.
public struct SigningIdentity: Sendable {
  /// The name of the key, printable ASCII.
  public let keyID: String
  /// The Ed25519 private key.
  public let privateKey: Curve25519.Signing.PrivateKey

  /// Makes an identity of a name and a key.
  public init(keyID: String, privateKey: Curve25519.Signing.PrivateKey) {
    self.keyID = keyID
    self.privateKey = privateKey
  }
}

/// Why a message could not be signed.
public enum SigningError: Error, Equatable, Sendable {
  /// A component or a parameter has no canonical form; its name.
  case notCanonical(String)
  /// The cryptographic library refused.
  case cryptography
}
