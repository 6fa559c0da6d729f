// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import Testing

/// Vectors: secure-systems-lab/dsse 1.0.2 and RFC 8032.
@Suite struct EnvelopeTests {
  struct Edge: Decodable, CustomTestStringConvertible {
    let type: String
    let body_b64: String
    let pae_b64: String
    var testDescription: String { type }
  }

  struct Case: Decodable, CustomTestStringConvertible {
    let name: String
    let envelope: Envelope
    let valid: Bool
    var testDescription: String { name }
  }

  struct Threshold: Decodable {
    let trusted_public_keys_hex: [String]
    let threshold: Int
    let seeds_hex_rfc8032_tests_1_2_3: [String]
    let cases: [Case]
  }

  struct Published: Decodable {
    let pae: String
    let envelope: Envelope
  }

  struct File: Decodable {
    let published: Published
    let pae_edge: [Edge]
    let ed25519_threshold: Threshold
  }

  static func load() throws -> File { try VectorFile.decode(File.self, from: "dsse.json") }

  static func privateKeys() throws -> [Curve25519.Signing.PrivateKey] {
    try load().ed25519_threshold.seeds_hex_rfc8032_tests_1_2_3.map {
      try Curve25519.Signing.PrivateKey(rawRepresentation: VectorFile.hexadecimal($0))
    }
  }

  @Test func `the published envelope is encoded for signing as published`() throws {
    let published = try Self.load().published
    let bytes = Envelope.preAuthenticationEncoding(
      payloadType: published.envelope.payloadType,
      payload: published.envelope.payload
    )
    #expect(bytes == Data(published.pae.utf8))
  }

  @Test(arguments: try load().pae_edge)
  func `lengths are counted in bytes`(_ edge: Edge) throws {
    let payload = try #require(Data(base64Encoded: edge.body_b64))
    let bytes = Envelope.preAuthenticationEncoding(payloadType: edge.type, payload: payload)
    #expect(bytes.base64EncodedString() == edge.pae_b64)
  }

  @Test(arguments: try load().ed25519_threshold.cases)
  func `a case meets or misses its threshold`(_ example: Case) throws {
    let all = try Self.load().ed25519_threshold
    let keys = try all.trusted_public_keys_hex.map {
      try Curve25519.Signing.PublicKey(rawRepresentation: VectorFile.hexadecimal($0))
    }
    #expect(example.envelope.isSigned(by: all.threshold, of: keys) == example.valid)
  }

  @Test func `no signature meets a threshold of zero`() throws {
    let example = try #require(Self.load().ed25519_threshold.cases.first)
    #expect(!example.envelope.isSigned(by: 0, of: []))
  }

  @Test func `two of three keys sign one after the other`() throws {
    let keys = try Self.privateKeys()
    var envelope = Envelope(payloadType: "t", payload: Data("x".utf8))
    try envelope.sign(by: keys[0])
    try envelope.sign(by: keys[2])
    #expect(envelope.isSigned(by: 2, of: keys.map(\.publicKey)))
  }

  @Test func `a key signs only once`() throws {
    let keys = try Self.privateKeys()
    var envelope = Envelope(payloadType: "t", payload: Data("x".utf8))
    try envelope.sign(by: keys[0])
    try envelope.sign(by: keys[0])
    #expect(envelope.signatures.count == 1)
  }

  @Test func `an encoded envelope decodes to itself`() throws {
    let example = try #require(Self.load().ed25519_threshold.cases.first)
    #expect(try Envelope.decode(example.envelope.encoded()) == example.envelope)
  }

  @Test func `url-safe base64 without padding is read`() throws {
    let bytes = Data(#"{"payload":"_-8","payloadType":"t","signatures":[]}"#.utf8)
    #expect(try Envelope.decode(bytes).payload == Data([0xFF, 0xEF]))
  }

  @Test(arguments: [
    #"{"payload":"","payload":"eA==","payloadType":"t","signatures":[]}"#,
    #"{"payload":"","payloadType":"t","signatures":[],"more":1}"#,
    #"{"payload":"","payloadType":"t"}"#,
    #"{"payload":"","payloadType":"t","signatures":[{"keyid":"a"}]}"#,
    #"{"payload":"","payloadType":"t","signatures":[{"sig":"","keyid":1}]}"#,
    #"{"payload":"","payloadType":"t","signatures":[{"sig":"","sig":""}]}"#,
    #"{"payload":"","payloadType":"t","signatures":[{"sig":"","x":""}]}"#,
    #"{"payload":"eB==","payloadType":"t","signatures":[]}"#,
    #"{"payload":"e A=","payloadType":"t","signatures":[]}"#,
    #"{"payload":"+-==","payloadType":"t","signatures":[]}"#,
    #"[]"#,
    #""#,
  ])
  func `anything but the one form is refused`(_ text: String) {
    #expect(throws: EnvelopeError.self) { try Envelope.decode(Data(text.utf8)) }
  }

  @Test func `more signatures than the limit are refused`() {
    let signature = #"{"sig":""}"#
    let many = Array(repeating: signature, count: 17).joined(separator: ",")
    let text = #"{"payload":"","payloadType":"t","signatures":[\#(many)]}"#
    #expect(throws: EnvelopeError.tooManySignatures(limit: 16)) {
      try Envelope.decode(Data(text.utf8))
    }
  }
}
