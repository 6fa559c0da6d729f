// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// Checks signed requests in the fixed order of `SignatureRefusal`; the first failure is the answer.
///
/// Source: RFC 9421 (HTTP Message Signatures) and RFC 9530 (Digest Fields).
public struct RequestVerifier: Sendable {
  /// Host, and port unless 443, under which this centre is reached.
  public let authority: String
  /// How far the time of signing may lie from this clock, either way, in seconds.
  public let clockWindowSeconds: Int
  /// Since when nonces are known, seconds since 1970: what was signed before may be a replay.
  public let noncesKnownFrom: Int

  /// Makes a verifier for one authority.
  public init(authority: String, clockWindowSeconds: Int = 300, noncesKnownFrom: Int = 0) {
    self.authority = RequestVerifier.normalized(authority)
    self.clockWindowSeconds = clockWindowSeconds
    self.noncesKnownFrom = noncesKnownFrom
  }

  /// Checks a request and names the key that signed it.
  ///
  /// - Parameters:
  ///   - request: The request as received, with its `Host` field.
  ///   - now: This clock, seconds since 1970.
  ///   - key: Finds a key by its name.
  ///   - nonceIsFresh: Records the nonce of a key and says whether it is new; called only when
  ///     the signature and the body are good. A record may be dropped once it is older than twice
  ///     the clock window.
  ///   - isAllowed: Says whether the key may use this method on this path; called last.
  /// - Returns: The key that signed the request.
  /// - Throws: The first check that failed.
  public func verify(
    _ request: HTTPRequestMessage,
    now: Int,
    key: (_ keyID: String) -> VerifyingKey?,
    nonceIsFresh: (_ keyID: String, _ nonce: String) -> Bool,
    isAllowed: (_ key: VerifyingKey, _ method: String, _ path: String) -> Bool
  ) throws(SignatureRefusal) -> VerifyingKey {
    let (signature, host) = try readFields(request)
    let hasBody =
      !request.body.isEmpty || !request.fields.values(named: "content-digest").isEmpty
    guard signature.covers(SignatureProfile.requestComponents(hasBody: hasBody)) else {
      throw .insufficientCoverage
    }
    guard let keyID = signature.input.keyID, let holder = key(keyID) else { throw .unknownKey }
    guard !holder.isRevoked else { throw .keyRevoked }
    guard RequestVerifier.normalized(host) == authority else { throw .authority }
    try checkTime(signature.input, now: now)
    guard let nonce = signature.input.string("nonce"), RequestVerifier.isNonce(nonce) else {
      throw .nonce
    }
    let base = try SignatureBase.bytes(
      signature.input,
      of: SignedRequest(request: request, authority: authority)
    )
    guard holder.publicKey.isValidSignature(signature.signature, for: base) else {
      throw .badSignature
    }
    if hasBody {
      guard let digest = request.fields.canonicalValue(named: "content-digest"),
        ContentDigest.matches(digest, body: request.body)
      else { throw .digestMismatch }
    }
    guard nonceIsFresh(keyID, nonce) else { throw .replay }
    guard isAllowed(holder, request.method, request.path) else { throw .forbidden }
    return holder
  }

  private func readFields(
    _ request: HTTPRequestMessage
  ) throws(SignatureRefusal)
    -> (signature: MessageSignature, host: String)
  {
    guard let input = request.fields.onlyValue(named: "signature-input") else {
      throw .missingOrRepeatedSignatureInput
    }
    guard let signature = request.fields.onlyValue(named: "signature") else {
      throw .missingOrRepeatedSignature
    }
    guard let host = request.fields.onlyValue(named: "host") else { throw .missingOrRepeatedHost }
    return (try MessageSignature(inputField: input, signatureField: signature), host)
  }

  private func checkTime(_ input: SignatureInput, now: Int) throws(SignatureRefusal) {
    guard let created = input.created else { throw .createdMissing }
    guard (now - clockWindowSeconds...now + clockWindowSeconds).contains(created),
      created >= noncesKnownFrom
    else {
      throw .clockWindow
    }
    guard input.has("expires") else { return }
    guard let expires = input.integer("expires"), now <= expires else { throw .expired }
  }

  /// The authority in small letters, without the port of the scheme: RFC 9421 §2.2.3.
  static func normalized(_ authority: String) -> String {
    let lowercased = authority.lowercased()
    return lowercased.hasSuffix(":443") ? String(lowercased.dropLast(4)) : lowercased
  }

  private static func isNonce(_ text: String) -> Bool {
    text.utf8.count == 22
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
