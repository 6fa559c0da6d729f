// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import TestSupport
import Testing

@Suite struct TamperingProperties {
  /// Replaces one character of a text by another printable one.
  static func tamper(_ text: String, using generator: inout SeededGenerator) -> String {
    var bytes = Array(text.utf8)
    let index = Int.random(in: 0..<bytes.count, using: &generator)
    let old = bytes[index]
    repeat {
      bytes[index] = UInt8.random(in: 0x21...0x7E, using: &generator)
    } while bytes[index]
      == old
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Changes one place of what a request covers.
  static func tamper(_ request: inout HTTPRequestMessage, using generator: inout SeededGenerator) {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: request.method = tamper(request.method, using: &generator)
    case 1: request.target = tamper(request.target, using: &generator)
    case 2:
      let index = Int.random(in: 0..<request.body.count, using: &generator)
      request.body[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
    default:
      let covered = ["content-type", "content-digest", "signature-input", "signature"]
      let name = covered.randomElement(using: &generator) ?? covered[0]
      let value = request.fields.onlyValue(named: name) ?? ""
      request.fields.set(name, to: tamper(value, using: &generator))
    }
  }

  @Test func `no change of one covered place is accepted`() throws {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "POST ok" })
    for number in 0..<400 {
      var generator = SeededGenerator(seed: SeededGenerator.seed &+ UInt64(number))
      var request = good.requests[0].message
      Self.tamper(&request, using: &generator)
      let found = RequestVerifierTests.verdicts([request], now: good.now, vectors: vectors)
      #expect(
        found != ["accept"],
        "case \(number) failed; reproduce with LOBULE_SEED=\(SeededGenerator.seed) swift test"
      )
    }
  }

  @Test func `bytes of any kind make a verdict and no trap`() throws {
    for number in 0..<2000 {
      var generator = SeededGenerator(seed: SeededGenerator.seed &+ UInt64(number))
      let alphabet = Array("{}[]\",:\\u0deE+-.1 tfn;=()@".utf8) + [0xC3, 0xA9, 0xFF, 0x00]
      let count = Int.random(in: 0..<40, using: &generator)
      let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      if let json = try? StrictJSON.parse(Data(bytes)) {
        let foundation = try? JSONSerialization.jsonObject(
          with: Data(bytes),
          options: .fragmentsAllowed
        )
        #expect(foundation != nil, "case \(number) is read as \(json) here alone")
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let response = HTTPResponseMessage(
        status: 200,
        fields: [
          HTTPField(name: "signature-input", value: text),
          HTTPField(name: "signature", value: text),
        ]
      )
      #expect(throws: SignatureRefusal.self) {
        try ResponseVerifier.verify(
          response,
          requestSignature: nil,
          publicKey: ProfileVectors.identity("a").privateKey.publicKey
        )
      }
    }
  }
}
