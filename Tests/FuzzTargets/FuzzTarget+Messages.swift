// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol

extension FuzzTarget {
  static func batch(_ bytes: Data) {
    guard let batch = try? ReceivedBatch.decode(bytes) else { return }
    try? batch.verify(publicKey: strangersKey)
  }

  static func changeset(_ bytes: Data) throws(FuzzFinding) {
    guard let changeset = try? ChangesetCodec.decode(bytes) else { return }
    let again = try? ChangesetCodec.decode(ChangesetCodec.encode(changeset))
    guard again == changeset else { throw .changed(.changeset) }
  }

  static func request(_ bytes: Data) throws(FuzzFinding) {
    guard let request = try? SyncRequest(decoding: bytes) else { return }
    guard (try? SyncRequest(decoding: request.encoded())) == request else {
      throw .changed(.request)
    }
  }

  static func reply(_ bytes: Data) throws(FuzzFinding) {
    guard let reply = try? SyncReply(decoding: bytes) else { return }
    guard (try? SyncReply(decoding: reply.encoded())) == reply else { throw .changed(.reply) }
  }

  static func bundle(_ bytes: Data) {
    guard let bundle = try? SyncBundle.read(bytes) else { return }
    for case .whole(let batch) in bundle.contents { Self.batch(batch) }
  }

  static func enrolment(_ bytes: Data) throws(FuzzFinding) {
    if let request = try? EnrollmentRequest(decoding: bytes) {
      guard let encoded = try? request.encoded(),
        (try? EnrollmentRequest(decoding: encoded)) == request
      else { throw .changed(.enrolment) }
    }
    if let reply = try? EnrollmentReply(decoding: bytes) {
      guard let encoded = try? reply.encoded(), (try? EnrollmentReply(decoding: encoded)) == reply
      else { throw .changed(.enrolment) }
    }
  }

  static func audit(_ bytes: Data) throws(FuzzFinding) {
    guard let proof = try? AuditProof(decoding: bytes) else { return }
    guard (try? AuditProof(decoding: proof.encoded())) == proof else { throw .changed(.audit) }
    let seen = AuditCheckpoint(size: 1, root: MerkleHash.empty)
    _ = try? proof.checkpoint(after: seen, signedBy: strangersKey)
  }

  /// A request as text: a line with method and target, header lines, an empty line, the body.
  static func signature(_ bytes: Data) {
    let end = Data("\n\n".utf8)
    let gap = bytes.range(of: end)
    let head = bytes[..<(gap?.lowerBound ?? bytes.endIndex)]
    let lines = String(decoding: head, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 1)
    let request = HTTPRequestMessage(
      method: words.first.map(String.init) ?? "",
      target: words.dropFirst().first.map(String.init) ?? "",
      fields: lines.dropFirst().map { line in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return HTTPField(
          name: String(parts[0]),
          value: parts.dropFirst().first.map { $0.trimmingPrefix(while: { $0 == " " }) }
            .map(String.init) ?? ""
        )
      },
      body: gap.map { Data(bytes[$0.upperBound...]) } ?? Data()
    )
    _ = try? RequestVerifier(authority: "registry.lobule.example").verify(
      request,
      now: 1_795_442_400,
      key: { keyID in
        VerifyingKey(
          keyID: keyID,
          site: "site-a",
          role: "site_replica",
          isRevoked: false,
          publicKey: strangersKey
        )
      },
      nonceIsFresh: { _, _ in true },
      isAllowed: { _, _, _ in true }
    )
  }

  /// A key that has signed nothing.
  private static let strangersKey = Curve25519.Signing.PrivateKey().publicKey
}
