// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import Testing

@Suite struct RequestVerifierTests {
  /// Verifies requests in order with one memory of nonces; the words of the verdicts.
  static func verdicts(
    _ requests: [HTTPRequestMessage],
    now: Int,
    vectors: ProfileVectors,
    noncesKnownFrom: Int = 0
  ) -> [String] {
    let verifier = RequestVerifier(authority: vectors.authority, noncesKnownFrom: noncesKnownFrom)
    var seen: Set<[String]> = []
    return requests.map { request in
      do throws(SignatureRefusal) {
        _ = try verifier.verify(
          request,
          now: now,
          key: vectors.key,
          nonceIsFresh: { seen.insert([$0, $1]).inserted },
          isAllowed: ProfileVectors.isAllowed
        )
        return "accept"
      } catch {
        return error.rawValue
      }
    }
  }

  @Test func `the profile has 60 cases`() throws {
    #expect(try ProfileVectors.load().cases.count == 60)
  }

  @Test(arguments: try ProfileVectors.load().cases)
  func `a case has its verdict`(_ example: ProfileVectors.Case) throws {
    let vectors = try ProfileVectors.load()
    let found = Self.verdicts(
      example.requests.map(\.message),
      now: example.now,
      vectors: vectors
    )
    #expect(found == example.expect)
  }

  /// A good request whose `Signature-Input` is rewritten before it reaches the verifier.
  static func verdict(rewriting old: String, to new: String) throws -> [String] {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "POST ok" })
    var request = good.requests[0].message
    let input = try #require(request.fields.onlyValue(named: "signature-input"))
    request.fields.set("signature-input", to: input.replacing(old, with: new))
    return verdicts([request], now: good.now, vectors: vectors)
  }

  @Test(arguments: [
    // Two readers could take different ones of two equal parameters.
    (";tag=", ";nonce=\"AAECAwQFBgcICQoLDA0ODw\";tag=", "duplicate"),
    (";tag=", ";tag=\"lobule-sync-1\";tag=", "duplicate"),
    ("\"@method\"", "\"@method\";req;req", "duplicate"),
    (";nonce=", " ;nonce=", "malformed_signature_input"),
    (";nonce=", "; nonce=", "malformed_signature_input"),
    ("\"@method\"", "\"@method\" ", "malformed_signature_input"),
    ("\"@method\"", "method", "malformed_signature_input"),
    ("lobule=(", "lobule=(\"@path\"), lobule=(", "malformed_signature_input"),
    ("lobule=(", "other=(\"@path\"), lobule=(", "label"),
    ("created=1795442400", "created=1795442400.0", "created_missing"),
    ("created=1795442400", "created=\"1795442400\"", "created_missing"),
    ("keyid=\"site-a/1\"", "keyid=site-a", "unknown_key"),
    (";keyid=\"site-a/1\"", "", "unknown_key"),
    ("\"@method\"", "\"@method\";req", "insufficient_coverage"),
    (";tag=\"lobule-sync-1\"", ";tag=lobule-sync-1", "tag"),
    (";nonce=", ";expires=\"never\";nonce=", "expired"),
    ("nonce=\"AAECAwQFBgcICQoLDA0ODw\"", "nonce=\"AAECAwQFBgcICQoLDA0OD+\"", "nonce"),
    ("\"content-digest\")", "\"content-digest\" \"Date\")", "unknown_component"),
    ("\"content-digest\")", "\"content-digest\" \"date\";sf)", "unknown_component"),
    ("\"content-digest\")", "\"content-digest\" \"@status\")", "unknown_component"),
    ("\"content-digest\")", "\"content-digest\" \"x-absent\")", "component_absent"),
  ])
  func `a rewritten input is refused by name`(old: String, new: String, word: String) throws {
    #expect(try Self.verdict(rewriting: old, to: new) == [word])
  }

  @Test func `a covered value that could forge a line is absent`() throws {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "extra header covered" })
    var request = good.requests[0].message
    request.fields.set("date", to: "x\n\"@method\": GET")
    #expect(Self.verdicts([request], now: good.now, vectors: vectors) == ["component_absent"])
  }

  @Test func `a repeated content type is not the signed one`() throws {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "POST ok" })
    var request = good.requests[0].message
    request.fields.append(HTTPField(name: "content-type", value: "application/json"))
    #expect(Self.verdicts([request], now: good.now, vectors: vectors) == ["bad_signature"])
  }

  @Test func `a refused request does not use up its nonce`() throws {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "POST ok" })
    var broken = good.requests[0].message
    broken.body.append(0)
    let found = Self.verdicts(
      [broken, good.requests[0].message],
      now: good.now,
      vectors: vectors
    )
    #expect(found == ["digest_mismatch", "accept"])
  }

  @Test func `nothing signed before the nonces are known is taken`() throws {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "POST ok" })
    let created = 1_795_442_400
    let found = [created, created + 1].map { start in
      Self.verdicts(
        [good.requests[0].message],
        now: good.now,
        vectors: vectors,
        noncesKnownFrom: start
      )
    }
    #expect(found == [["accept"], ["clock_window"]])
  }

  @Test func `the port of the scheme is no part of the authority`() throws {
    let vectors = try ProfileVectors.load()
    let good = try #require(vectors.cases.first { $0.name == "POST ok" })
    var request = good.requests[0].message
    request.fields.set("host", to: "Registry.Lobule.Example:443")
    #expect(Self.verdicts([request], now: good.now, vectors: vectors) == ["accept"])
  }
}
