// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import Testing

/// The 60 cases of the request profile.
struct ProfileVectors: Decodable {
  struct Key: Decodable {
    let site: String?
    let role: String
    let status: String
    let public_hex: String
  }

  struct Request: Decodable {
    let method: String
    let target: String
    let headers: [[String]]
    let body_b64: String?

    var message: HTTPRequestMessage {
      HTTPRequestMessage(
        method: method,
        target: target,
        fields: headers.map { HTTPField(name: $0[0], value: $0[1]) },
        body: body_b64.flatMap { Data(base64Encoded: $0) } ?? Data()
      )
    }
  }

  struct Case: Decodable, CustomTestStringConvertible {
    let name: String
    let now: Int
    let requests: [Request]
    let expect: [String]
    var testDescription: String { name }
  }

  let authority: String
  let keys: [String: Key]
  let cases: [Case]

  static func load() throws -> ProfileVectors {
    try VectorFile.decode(ProfileVectors.self, from: "http_signature_profile.json")
  }

  func key(_ keyID: String) -> VerifyingKey? {
    guard let key = keys[keyID],
      let publicKey = try? Curve25519.Signing.PublicKey(
        rawRepresentation: VectorFile.hexadecimal(key.public_hex)
      )
    else { return nil }
    return VerifyingKey(
      keyID: keyID,
      site: key.site,
      role: key.role,
      isRevoked: key.status == "revoked",
      publicKey: publicKey
    )
  }

  /// The rule of the cases: an auditor only reads, a site uses its own paths.
  static func isAllowed(_ key: VerifyingKey, _ method: String, _ path: String) -> Bool {
    if key.role == "auditor" { return method == "GET" }
    return key.site.map { path.hasPrefix("/v1/sites/\($0)/") } ?? false
  }

  /// The private key of a case's key name.
  static func identity(_ keyID: String) throws -> SigningIdentity {
    let seed = SHA256.hash(data: Data("lobule-test-site-\(keyID)".utf8))
    return SigningIdentity(
      keyID: keyID,
      privateKey: try Curve25519.Signing.PrivateKey(rawRepresentation: Data(seed))
    )
  }
}
