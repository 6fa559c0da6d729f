// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

@testable import SyncProtocol

@Suite struct AuditBreakTests {
  private let key = Curve25519.Signing.PrivateKey()
  private let rootKeys = (0..<3).map { _ in Curve25519.Signing.PrivateKey() }
  private let former = Self.tree(kept: 5, then: "before", count: 12)
  private let memory = Self.tree(kept: 5, then: "after", count: 20)

  /// A log whose first entries are those of the backup.
  private static func tree(kept: Int, then word: String, count: Int) -> MemoryTree {
    MemoryTree(
      leaves: (0..<count).map {
        MerkleHash.leaf(Data("\($0 < kept ? "kept" : word) \($0)".utf8))
      }
    )
  }

  private func root() throws -> TrustedRoot {
    var envelope = try ModelChannelAuthor.root(
      version: 1,
      expires: 2_000_000_000,
      rootKeys: rootKeys.map(\.publicKey),
      modelKeys: rootKeys.map(\.publicKey),
      timestampKeys: [rootKeys[0].publicKey]
    )
    for key in rootKeys.prefix(2) { try envelope.sign(by: key) }
    return try TrustedRoot(envelope)
  }

  private func explained(
    restoredAt: Int = 1_800_000_000,
    signers: Int = 2,
    origin: String? = nil,
    tree: MemoryTree? = nil
  ) throws -> ExplainedBreak {
    let tree = tree ?? memory
    let stated = AuditBreak(
      origin: origin ?? AuditCheckpoint.origin(key.publicKey),
      restoredAt: restoredAt,
      keptSize: 5,
      checkpoint: AuditCheckpoint(size: 7, root: tree.tree(7).root())
    )
    var envelope = stated.envelope()
    for key in rootKeys.prefix(signers) { try envelope.sign(by: key) }
    let proof = AuditProof(
      oldSize: 7,
      proof: memory.tree(20).consistencyProof(from: 7),
      note: try AuditCheckpoint(size: 20, root: memory.tree(20).root()).note(signedBy: key)
    )
    return ExplainedBreak(statement: envelope, proof: proof.encoded())
  }

  private func seen(_ size: UInt64) -> AuditCheckpoint {
    AuditCheckpoint(size: size, root: former.tree(size).root())
  }

  private func accept(
    _ explained: ExplainedBreak,
    seen: AuditCheckpoint,
    after last: Int = 0
  ) throws -> AuditCheckpoint {
    try explained.accepted(by: root(), signedBy: key.publicKey, seen: seen, after: last).checkpoint
  }

  @Test func `a statement is read as it was written`() throws {
    let stated = AuditBreak(
      origin: "lobule/audit/00",
      restoredAt: 1_800_000_000,
      keptSize: 5,
      checkpoint: seen(7)
    )
    #expect(try AuditBreak(stated.envelope()) == stated)
  }

  @Test func `two root keys let a site go on after a restore`() throws {
    #expect(try accept(explained(), seen: seen(9)).size == 20)
  }

  @Test func `one root key does not`() throws {
    #expect(throws: AuditLogRefusal.signature) {
      try accept(explained(signers: 1), seen: seen(9))
    }
  }

  @Test func `a statement about another centre's log is refused`() throws {
    #expect(throws: AuditLogRefusal.signature) {
      try accept(explained(origin: "lobule/audit/00"), seen: seen(9))
    }
  }

  @Test func `a break that the restore does not explain stays one`() throws {
    // What the site saw ends within what the backup kept.
    #expect(throws: AuditLogRefusal.forked(at: 4)) { try accept(explained(), seen: seen(4)) }
  }

  @Test func `a statement excuses one break only`() throws {
    #expect(throws: AuditLogRefusal.forked(at: 9)) {
      try accept(explained(), seen: seen(9), after: 1_800_000_000)
    }
  }

  @Test func `a log that does not continue the stated one is refused`() throws {
    #expect(throws: AuditLogRefusal.forked(at: 7)) {
      try accept(explained(tree: former), seen: seen(9))
    }
  }

  @Test func `another kind of document is no statement`() throws {
    let envelope = Envelope(
      payloadType: "application/vnd.lobule.root+json",
      payload: try explained().statement.payload
    )
    #expect(throws: AuditLogRefusal.malformed) { try AuditBreak(envelope) }
  }
}
