// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Signs responses, errors too, so that no proxy can answer in the centre's name.
public enum ResponseSigner {
  /// Adds `content-type` (when missing), `content-digest`, `signature-input` and `signature`.
  ///
  /// - Parameters:
  ///   - response: The response; fields of these names that are there already are replaced.
  ///   - requestSignature: The `Signature` field of the request as received. It is covered, so
  ///     that an answer fits one request only. With `nil`, or a field that is no signature of
  ///     this profile, the response covers itself alone; a client that did sign refuses that.
  ///   - identity: The centre's key and its name.
  ///   - created: The centre's time, seconds since 1970: clients correct their clock by it.
  /// - Throws: `SigningError` when a part has no canonical form.
  public static func sign(
    _ response: inout HTTPResponseMessage,
    requestSignature: String?,
    identity: SigningIdentity,
    created: Int
  ) throws(SigningError) {
    var signed = response
    signed.fields.removeAll { $0.isNamed("signature") || $0.isNamed("signature-input") }
    if signed.fields.values(named: "content-type").isEmpty {
      signed.fields.set("content-type", to: SignatureProfile.defaultContentType)
    }
    signed.fields.set("content-digest", to: ContentDigest.value(for: signed.body))
    let bound = requestSignature.flatMap(MessageSignature.signatureBytes)
    let parameters = [
      "created=\(created)",
      try MessageSignature.parameter("keyid", identity.keyID),
      try MessageSignature.parameter("tag", SignatureProfile.tag),
    ]
    let pair = try MessageSignature.make(
      SignatureProfile.responseComponents(isBoundToRequest: bound != nil),
      of: SignedResponse(response: signed, requestSignature: bound),
      parameters: parameters.joined(separator: ";"),
      by: identity.privateKey
    )
    signed.fields.set("signature-input", to: pair.input)
    signed.fields.set("signature", to: pair.signature)
    response = signed
  }
}
