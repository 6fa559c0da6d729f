// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import Testing

@Suite struct ResponseVerifierTests {
  let center: SigningIdentity
  let publicKey: Curve25519.Signing.PublicKey
  let requestSignature: String
  let otherSignature: String
  let response: HTTPResponseMessage

  init() throws {
    center = try ProfileVectors.identity("center/1")
    publicKey = center.privateKey.publicKey
    let vectors = try ProfileVectors.load()
    requestSignature = try #require(
      vectors.cases[0].requests[0].message.fields.onlyValue(named: "signature")
    )
    otherSignature = try #require(
      vectors.cases[1].requests[0].message.fields.onlyValue(named: "signature")
    )
    var signed = HTTPResponseMessage(
      status: 200,
      fields: [HTTPField(name: "Content-Type", value: "application/json")],
      body: Data("{}".utf8)
    )
    try ResponseSigner.sign(
      &signed,
      requestSignature: requestSignature,
      identity: center,
      created: 1_795_442_400
    )
    response = signed
  }

  func refusal(_ response: HTTPResponseMessage, requestSignature: String?) -> SignatureRefusal? {
    do throws(SignatureRefusal) {
      try ResponseVerifier.verify(
        response,
        requestSignature: requestSignature,
        publicKey: publicKey
      )
      return nil
    } catch {
      return error
    }
  }

  @Test func `a response covers the components of the profile`() throws {
    let input = try #require(response.fields.onlyValue(named: "signature-input"))
    #expect(
      input
        == "lobule=(\"@status\" \"content-type\" \"content-digest\" "
        + "\"signature\";req;key=\"lobule\");created=1795442400;keyid=\"center/1\""
        + ";tag=\"lobule-sync-1\""
    )
  }

  @Test func `a signed response gives the centre's time`() throws {
    let created = try ResponseVerifier.verify(
      response,
      requestSignature: requestSignature,
      publicKey: publicKey
    )
    #expect(created == 1_795_442_400)
  }

  @Test func `a response to another request is refused`() {
    #expect(refusal(response, requestSignature: otherSignature) == .badSignature)
  }

  @Test func `a response that is bound to no request is refused when one was signed`() throws {
    var unbound = response
    try ResponseSigner.sign(&unbound, requestSignature: nil, identity: center, created: 1)
    #expect(refusal(unbound, requestSignature: requestSignature) == .insufficientCoverage)
  }

  @Test func `a response to an unsigned request covers itself`() throws {
    var unbound = response
    try ResponseSigner.sign(&unbound, requestSignature: "junk", identity: center, created: 1)
    #expect(refusal(unbound, requestSignature: nil) == nil)
  }

  @Test func `a changed status is refused`() {
    var changed = response
    changed.status = 500
    #expect(refusal(changed, requestSignature: requestSignature) == .badSignature)
  }

  @Test func `a changed body is refused`() {
    var changed = response
    changed.body.append(0x20)
    #expect(refusal(changed, requestSignature: requestSignature) == .digestMismatch)
  }

  @Test func `an unsigned response is refused`() {
    var unsigned = response
    unsigned.fields.removeAll { $0.isNamed("signature-input") }
    #expect(
      refusal(unsigned, requestSignature: requestSignature) == .missingOrRepeatedSignatureInput
    )
  }

  @Test func `a response by another key is refused`() throws {
    var forged = response
    try ResponseSigner.sign(
      &forged,
      requestSignature: requestSignature,
      identity: ProfileVectors.identity("center/2"),
      created: 1
    )
    #expect(refusal(forged, requestSignature: requestSignature) == .badSignature)
  }

  @Test func `an empty response has a content type and a digest`() throws {
    var empty = HTTPResponseMessage(status: 204)
    try ResponseSigner.sign(
      &empty,
      requestSignature: requestSignature,
      identity: center,
      created: 1
    )
    #expect(refusal(empty, requestSignature: requestSignature) == nil)
  }
}
