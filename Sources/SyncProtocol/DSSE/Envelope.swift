// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation

/// A signed document: a DSSE v1 envelope.
///
/// The signatures cover the payload's type and bytes, so that the bytes are never re-encoded and
/// a document of one kind cannot pass for another.
///
/// Source: secure-systems-lab/dsse, protocol and envelope, version 1.0.2.
public struct Envelope: Hashable, Sendable {
  /// One signature of an envelope.
  public struct Signature: Hashable, Sendable {
    /// A hint which key signed, never a proof; `nil` when not given.
    public let keyID: String?
    /// The signature's bytes.
    public let bytes: Data

    /// Makes a signature of its parts.
    public init(keyID: String?, bytes: Data) {
      self.keyID = keyID
      self.bytes = bytes
    }
  }

  /// What kind of document the payload is.
  public let payloadType: String
  /// The document's bytes.
  public let payload: Data
  /// The signatures, good or bad.
  public private(set) var signatures: [Signature]

  /// Makes an envelope of its parts.
  public init(payloadType: String, payload: Data, signatures: [Signature] = []) {
    self.payloadType = payloadType
    self.payload = payload
    self.signatures = signatures
  }

  /// The bytes that are signed: `DSSEv1`, then type and payload, each after its length in bytes.
  public static func preAuthenticationEncoding(payloadType: String, payload: Data) -> Data {
    var bytes = Data("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8)
    bytes.append(payload)
    return bytes
  }

  /// The name of a key: the SHA-256 of its 32 bytes in hexadecimal.
  public static func keyID(of key: Curve25519.Signing.PublicKey) -> String {
    Hexadecimal.text(SHA256.hash(data: key.rawRepresentation))
  }

  /// Adds a signature; a key that has signed already signs no second time.
  ///
  /// - Throws: `EnvelopeError.cryptography` when the key cannot sign.
  public mutating func sign(by key: Curve25519.Signing.PrivateKey) throws(EnvelopeError) {
    let keyID = Envelope.keyID(of: key.publicKey)
    guard !isSigned(by: key.publicKey) else { return }
    guard let bytes = try? key.signature(for: signedBytes) else { throw .cryptography }
    signatures.append(Signature(keyID: keyID, bytes: bytes))
  }

  /// Says whether one of the signatures is this key's.
  public func isSigned(by key: Curve25519.Signing.PublicKey) -> Bool {
    let bytes = signedBytes
    return signatures.contains { key.isValidSignature($0.bytes, for: bytes) }
  }

  /// Counts the keys that have signed; a key counts once, however often it is listed.
  ///
  /// The key's name in a signature is a hint, so every key is tried on every signature.
  public func signerCount(among keys: [Curve25519.Signing.PublicKey]) -> Int {
    let distinct = Set(keys.map(\.rawRepresentation))
    let bytes = signedBytes
    return distinct.count { raw in
      guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else {
        return false
      }
      return signatures.contains { key.isValidSignature($0.bytes, for: bytes) }
    }
  }

  /// Says whether enough distinct keys have signed; never with a threshold below 1.
  public func isSigned(by threshold: Int, of keys: [Curve25519.Signing.PublicKey]) -> Bool {
    threshold >= 1 && signerCount(among: keys) >= threshold
  }

  private var signedBytes: Data {
    Envelope.preAuthenticationEncoding(payloadType: payloadType, payload: payload)
  }
}
