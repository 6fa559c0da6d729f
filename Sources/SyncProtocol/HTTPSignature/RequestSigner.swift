// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Signs requests by RFC 9421 with this protocol's profile.
public enum RequestSigner {
  /// The number of bytes of a nonce before it is written as 22 base64url characters.
  public static let nonceBytes = 16

  /// Adds `content-digest` (when there is a body), `signature-input` and `signature`.
  ///
  /// Fields of these names that are there already are replaced, so a request can be signed anew
  /// with another time or nonce. A body without a content type becomes
  /// `application/octet-stream`.
  ///
  /// - Parameters:
  ///   - request: The request; its target in origin form.
  ///   - authority: Host, and port unless 443, of the centre: what the `Host` field will say.
  ///   - identity: The signing key and its name.
  ///   - created: The time of signing, seconds since 1970.
  ///   - nonce: 22 base64url characters, never used before with this key: see `nonce(using:)`.
  /// - Throws: `SigningError` when a part has no canonical form.
  public static func sign(
    _ request: inout HTTPRequestMessage,
    authority: String,
    identity: SigningIdentity,
    created: Int,
    nonce: String
  ) throws(SigningError) {
    var signed = request
    signed.fields.removeAll {
      $0.isNamed("content-digest") || $0.isNamed("signature") || $0.isNamed("signature-input")
    }
    let hasBody = !signed.body.isEmpty
    if hasBody {
      if signed.fields.values(named: "content-type").isEmpty {
        signed.fields.set("content-type", to: SignatureProfile.defaultContentType)
      }
      signed.fields.set("content-digest", to: ContentDigest.value(for: signed.body))
    }
    let parameters = [
      "created=\(created)",
      try MessageSignature.parameter("nonce", nonce),
      try MessageSignature.parameter("keyid", identity.keyID),
      try MessageSignature.parameter("tag", SignatureProfile.tag),
    ]
    let pair = try MessageSignature.make(
      SignatureProfile.requestComponents(hasBody: hasBody),
      of: SignedRequest(request: signed, authority: RequestVerifier.normalized(authority)),
      parameters: parameters.joined(separator: ";"),
      by: identity.privateKey
    )
    signed.fields.set("signature-input", to: pair.input)
    signed.fields.set("signature", to: pair.signature)
    request = signed
  }

  /// Draws a nonce: 128 random bits as 22 base64url characters.
  public static func nonce(using generator: inout some RandomNumberGenerator) -> String {
    let bytes = Data((0..<nonceBytes).map { _ in UInt8.random(in: 0...255, using: &generator) })
    return bytes.base64EncodedString(options: [.base64URLAlphabet, .omitPaddingCharacter])
  }
}
