// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import Testing

@Suite struct RequestSignerTests {
  static let nonce = "AAECAwQFBgcICQoLDA0ODw"

  /// Signs the bare request of a case anew.
  static func signed(_ name: String) throws -> (made: HTTPRequestMessage, given: HTTPRequestMessage)
  {
    let vectors = try ProfileVectors.load()
    let example = try #require(vectors.cases.first { $0.name == name })
    let given = example.requests[0].message
    var made = given
    made.fields.removeAll { $0.isNamed("content-digest") || $0.isNamed("signature") }
    try RequestSigner.sign(
      &made,
      authority: vectors.authority,
      identity: ProfileVectors.identity("site-a/1"),
      created: example.now,
      nonce: nonce
    )
    return (made, given)
  }

  @Test(arguments: ["POST ok", "GET ok", "empty query covered"])
  func `signing makes the input of the case`(name: String) throws {
    let (made, given) = try Self.signed(name)
    #expect(
      made.fields.onlyValue(named: "signature-input")
        == given.fields.onlyValue(named: "signature-input")
    )
  }

  @Test(arguments: ["POST ok", "GET ok", "empty query covered"])
  func `a signed request is accepted`(name: String) throws {
    let vectors = try ProfileVectors.load()
    let (made, _) = try Self.signed(name)
    let now = try #require(vectors.cases.first { $0.name == name }).now
    #expect(RequestVerifierTests.verdicts([made], now: now, vectors: vectors) == ["accept"])
  }

  @Test func `signing again replaces the old signature`() throws {
    let vectors = try ProfileVectors.load()
    var (request, _) = try Self.signed("POST ok")
    let now = try #require(vectors.cases.first { $0.name == "POST ok" }).now
    try RequestSigner.sign(
      &request,
      authority: vectors.authority,
      identity: ProfileVectors.identity("site-a/1"),
      created: now + 1,
      nonce: "BAECAwQFBgcICQoLDA0ODw"
    )
    #expect(RequestVerifierTests.verdicts([request], now: now, vectors: vectors) == ["accept"])
  }

  @Test func `a key name that could end its parameter is not signed`() throws {
    var request = HTTPRequestMessage(method: "GET", target: "/")
    let identity = SigningIdentity(keyID: "a\";x=\"", privateKey: .init())
    #expect(throws: SigningError.notCanonical("keyid")) {
      try RequestSigner.sign(
        &request,
        authority: "a.example",
        identity: identity,
        created: 1,
        nonce: Self.nonce
      )
    }
  }

  @Test func `a target that could forge a line is not signed`() throws {
    var request = HTTPRequestMessage(method: "GET", target: "/\n\"@method\": POST")
    #expect(throws: SigningError.notCanonical("@path")) {
      try RequestSigner.sign(
        &request,
        authority: "a.example",
        identity: ProfileVectors.identity("site-a/1"),
        created: 1,
        nonce: Self.nonce
      )
    }
  }

  @Test func `a nonce is 22 base64url characters`() {
    var generator = SystemRandomNumberGenerator()
    let nonce = RequestSigner.nonce(using: &generator)
    #expect(nonce.wholeMatch(of: /[A-Za-z0-9_-]{22}/) != nil)
  }
}
