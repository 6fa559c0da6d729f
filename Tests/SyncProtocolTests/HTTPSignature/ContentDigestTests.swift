// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol
import Testing

/// Vectors: RFC 9530, RFC 9421.
@Suite struct ContentDigestTests {
  struct Body: Decodable, CustomTestStringConvertible {
    let name: String
    let body_b64: String
    let sha256: String
    let sha512: String
    var testDescription: String { name }
    var bytes: Data { Data(base64Encoded: body_b64) ?? Data() }

    enum CodingKeys: String, CodingKey {
      case name, body_b64
      case sha256 = "sha-256"
      case sha512 = "sha-512"
    }
  }

  struct File: Decodable {
    let content_digest: [Body]
    let must_reject_for_first_body: [String]
  }

  static func load() throws -> File { try VectorFile.decode(File.self, from: "rfc9530.json") }

  @Test(arguments: try load().content_digest)
  func `a body has its published digest`(_ body: Body) {
    #expect(ContentDigest.value(for: body.bytes) == body.sha256)
  }

  @Test(arguments: try load().content_digest)
  func `both published digests match`(_ body: Body) {
    #expect(ContentDigest.matches(body.sha256, body: body.bytes))
    #expect(ContentDigest.matches(body.sha512, body: body.bytes))
  }

  @Test(arguments: try load().must_reject_for_first_body)
  func `a malformed or unknown digest does not match`(_ value: String) throws {
    let body = try #require(Self.load().content_digest.first)
    #expect(!ContentDigest.matches(value, body: body.bytes))
  }
}
