// SPDX-License-Identifier: Apache-2.0

public import Crypto
import Foundation

/// Checks that a response comes from the centre and answers the request that was sent.
public enum ResponseVerifier {
  /// Checks a response and reads the centre's time of signing.
  ///
  /// The time is not compared with any clock: the request's signature, which the response covers,
  /// already ties it to one request. A client with a wrong clock learns the right time here.
  ///
  /// - Parameters:
  ///   - response: The response as received.
  ///   - requestSignature: The `Signature` field that was sent; `nil` only for a request that
  ///     was not signed.
  ///   - publicKey: The centre's key, pinned at enrolment.
  /// - Returns: The centre's time of signing, seconds since 1970.
  /// - Throws: The first check that failed, in the order of `SignatureRefusal`.
  @discardableResult
  public static func verify(
    _ response: HTTPResponseMessage,
    requestSignature: String?,
    publicKey: Curve25519.Signing.PublicKey
  ) throws(SignatureRefusal) -> Int {
    guard let inputField = response.fields.onlyValue(named: "signature-input") else {
      throw .missingOrRepeatedSignatureInput
    }
    guard let signatureField = response.fields.onlyValue(named: "signature") else {
      throw .missingOrRepeatedSignature
    }
    let signature = try MessageSignature(inputField: inputField, signatureField: signatureField)
    let isBound = requestSignature != nil
    guard
      signature.covers(SignatureProfile.responseComponents(isBoundToRequest: isBound)),
      let created = signature.input.created
    else { throw .insufficientCoverage }
    let message = SignedResponse(
      response: response,
      requestSignature: requestSignature.flatMap(MessageSignature.signatureBytes)
    )
    let base = try SignatureBase.bytes(signature.input, of: message)
    guard publicKey.isValidSignature(signature.signature, for: base) else { throw .badSignature }
    guard let digest = response.fields.canonicalValue(named: "content-digest"),
      ContentDigest.matches(digest, body: response.body)
    else { throw .digestMismatch }
    return created
  }
}
