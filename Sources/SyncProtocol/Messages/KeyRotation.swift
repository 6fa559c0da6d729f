// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation
public import Replication

/// A device asks for a new key in place of the one that signs the request.
///
/// The request's signature is the old key's word, the proof inside is the new key's: both halves
/// are in one hand.
public struct KeyRotationRequest: Hashable, Sendable {
  /// The most replica ids of one device.
  public static let replicaLimit = 256

  /// The device's site.
  public let site: String
  /// The name of the old key.
  public let keyID: String
  /// The new public key, 32 bytes.
  public let publicKey: Data
  /// The last sequences that the old key has sealed, by replica: beyond them it seals nothing.
  public let lasts: VersionVector
  /// The new key's signature over all of it, 64 bytes.
  public let proof: Data

  /// Makes a request and its proof.
  ///
  /// - Throws: `SyncProtocolError.signingFailed`.
  public init(
    site: String,
    keyID: String,
    key: Curve25519.Signing.PrivateKey,
    lasts: VersionVector
  ) throws(SyncProtocolError) {
    self.site = site
    self.keyID = keyID
    publicKey = key.publicKey.rawRepresentation
    self.lasts = lasts
    let text = Self.signedBytes(site, keyID, publicKey, lasts)
    guard let proof = try? key.signature(for: text) else {
      throw .signingFailed(keyID: keyID)
    }
    self.proof = proof
  }

  /// Reads a request and checks its proof.
  ///
  /// - Returns: Nothing for other bytes, and when the new key did not sign them.
  public init?(decoding bytes: Data) {
    guard let json = try? StrictJSON.parse(bytes, maximumBytes: 1 << 16),
      let members = json.object(required: ["key_id", "lasts", "proof", "public_key", "site"]),
      let site = members["site"]?.text, let keyID = members["key_id"]?.text,
      let publicKey = members["public_key"]?.text.flatMap(Hexadecimal.bytes),
      let proof = members["proof"]?.text.flatMap(Hexadecimal.bytes),
      case .object(let listed) = members["lasts"], listed.count <= Self.replicaLimit,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
    else { return nil }
    var lasts = VersionVector()
    for (replica, last) in listed {
      guard let id = ReplicaID(hex: replica), let last = last.count, last > 0,
        last < 1 << 62
      else { return nil }
      lasts.advance(id, to: last)
    }
    guard key.isValidSignature(proof, for: Self.signedBytes(site, keyID, publicKey, lasts)) else {
      return nil
    }
    self.site = site
    self.keyID = keyID
    self.publicKey = publicKey
    self.lasts = lasts
    self.proof = proof
  }

  /// The request's bytes.
  public func encoded() -> Data {
    var members = Self.members(site, keyID, publicKey, lasts)
    members["proof"] = .string(Hexadecimal.text(proof))
    return Data(StrictJSON.object(members).canonicalText.utf8)
  }

  private static func signedBytes(
    _ site: String,
    _ keyID: String,
    _ publicKey: Data,
    _ lasts: VersionVector
  ) -> Data {
    let json = StrictJSON.object(members(site, keyID, publicKey, lasts))
    return Data("lobule-key-rotation-1\n\(json.canonicalText)".utf8)
  }

  private static func members(
    _ site: String,
    _ keyID: String,
    _ publicKey: Data,
    _ lasts: VersionVector
  ) -> [String: StrictJSON] {
    [
      "key_id": .string(keyID),
      "lasts": .object(
        lasts.entries.reduce(into: [:]) {
          $0[$1.key.description] = .number(String($1.value))
        }
      ),
      "public_key": .string(Hexadecimal.text(publicKey)),
      "site": .string(site),
    ]
  }
}

/// The centre's answer to a rotation.
public struct KeyRotationReply: Codable, Hashable, Sendable {
  /// The name of the new key.
  public let keyID: String

  /// Names a key.
  public init(keyID: String) { self.keyID = keyID }

  private enum CodingKeys: String, CodingKey { case keyID = "key_id" }
}
