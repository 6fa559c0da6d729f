// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

@testable import SyncProtocol

/// Vectors: RFC 9421 appendix B.
@Suite struct SignatureBaseTests {
  struct Request: Decodable {
    let method: String
    let target: String
    let headers: [[String]]

    var message: HTTPRequestMessage {
      HTTPRequestMessage(
        method: method,
        target: target,
        fields: headers.map { HTTPField(name: $0[0], value: $0[1]) }
      )
    }
  }

  struct Ed25519Case: Decodable {
    let request: Request
    let private_seed_b64: String
    let public_key_b64: String
    let signature_input: String
    let signature_base: String
    let signature_b64: String
  }

  struct Transformation: Decodable, CustomTestStringConvertible {
    let name: String
    let valid: Bool
    let method: String
    let target: String
    let headers: [[String]]
    var testDescription: String { name }
    var message: HTTPRequestMessage {
      Request(method: method, target: target, headers: headers).message
    }
  }

  struct Transformations: Decodable {
    let signature_input: String
    let signature_base: String
    let signature_b64: String
    let public_key_b64: String
    let cases: [Transformation]
  }

  struct File: Decodable {
    let rfc9421_B_2_6_ed25519: Ed25519Case
    let rfc9421_B_4_transformations: Transformations
  }

  static func load() throws -> File { try VectorFile.decode(File.self, from: "rfc9421.json") }

  static func base(_ input: String, label: String, _ message: HTTPRequestMessage) throws -> Data {
    let host = try #require(message.fields.onlyValue(named: "host"))
    return try SignatureBase.bytes(
      SignatureInput(input, label: label),
      of: SignedRequest(request: message, authority: host)
    )
  }

  @Test func `the base of B 2 6 is the published one`() throws {
    let example = try Self.load().rfc9421_B_2_6_ed25519
    let base = try Self.base(example.signature_input, label: "sig-b26", example.request.message)
    #expect(String(decoding: base, as: UTF8.self) == example.signature_base)
  }

  @Test func `the signature of B 2 6 is good`() throws {
    let example = try Self.load().rfc9421_B_2_6_ed25519
    let base = try Self.base(example.signature_input, label: "sig-b26", example.request.message)
    let raw = try #require(Data(base64Encoded: example.public_key_b64))
    let signature = try #require(Data(base64Encoded: example.signature_b64))
    let key = try Curve25519.Signing.PublicKey(rawRepresentation: raw)
    #expect(key.isValidSignature(signature, for: base))
  }

  @Test(arguments: try load().rfc9421_B_4_transformations.cases)
  func `a transformation of B 4 keeps or breaks the signature`(_ example: Transformation) throws {
    let all = try Self.load().rfc9421_B_4_transformations
    let base = try Self.base(all.signature_input, label: "transform", example.message)
    let raw = try #require(Data(base64Encoded: all.public_key_b64))
    let signature = try #require(Data(base64Encoded: all.signature_b64))
    let key = try Curve25519.Signing.PublicKey(rawRepresentation: raw)
    #expect(key.isValidSignature(signature, for: base) == example.valid)
  }
}
