// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

@testable import SyncProtocol

@Suite struct AuditCheckpointTests {
  private let key = Curve25519.Signing.PrivateKey()
  private let memory = MemoryTree(
    leaves: (0..<20).map { MerkleHash.leaf(Data("entry \($0)".utf8)) }
  )

  private func checkpoint(_ size: UInt64) -> AuditCheckpoint {
    AuditCheckpoint(size: size, root: memory.tree(size).root())
  }

  private func answer(from old: UInt64, to size: UInt64) throws -> AuditProof {
    AuditProof(
      oldSize: old,
      proof: old == 0 ? [] : memory.tree(size).consistencyProof(from: old),
      note: try checkpoint(size).note(signedBy: key)
    )
  }

  @Test func `a note of another implementation is read`() throws {
    let vector = try AuditLogVectors.read().signed_note
    let parts = vector.vkey.split(separator: "+", maxSplits: 2)
    let raw = try #require(Data(base64Encoded: String(parts[2]))).dropFirst()
    let key = try Curve25519.Signing.PublicKey(rawRepresentation: raw)
    #expect(SignedNote.verifierKey(name: "example.com/foo", key: key) == vector.vkey)
    let note = "\(vector.body_utf8)\n\(vector.signature_line)\n"
    let text = try SignedNote.text(of: note, name: "example.com/foo", key: key)
    #expect(text == vector.body_utf8)
  }

  @Test func `a checkpoint is the bytes of the vector`() throws {
    let vectors = try AuditLogVectors.read()
    let vector = vectors.checkpoint_example
    let key = try Curve25519.Signing.PrivateKey(
      rawRepresentation: VectorFile.hexadecimal(vector.seed_hex)
    )
    let origin = "registry.example/lobule/audit"
    #expect(SignedNote.verifierKey(name: origin, key: key.publicKey) == vector.vkey)
    let checkpoint = AuditCheckpoint(size: 8, root: vectors.rfc6962_merkle.root(8))
    // Ed25519 signatures may be randomised: the text is compared, the signature verified.
    let note = try checkpoint.note(signedBy: key, origin: origin)
    #expect(note.split(separator: "—")[0] == vector.note.split(separator: "—")[0])
    for note in [note, vector.note] {
      #expect(
        try AuditCheckpoint(note: note, signedBy: key.publicKey, origin: origin) == checkpoint
      )
    }
  }

  @Test func `a log that grew is believed`() throws {
    let answer = try AuditProof(decoding: try answer(from: 7, to: 19).encoded())
    #expect(try answer.checkpoint(after: checkpoint(7), signedBy: key.publicKey) == checkpoint(19))
  }

  @Test func `the first checkpoint is believed as it is`() throws {
    let answer = try answer(from: 0, to: 5)
    #expect(try answer.checkpoint(after: nil, signedBy: key.publicKey) == checkpoint(5))
  }

  @Test func `a log that shrank is named`() throws {
    let answer = try answer(from: 0, to: 5)
    #expect(throws: AuditLogRefusal.shortened(from: 7, to: 5)) {
      try answer.checkpoint(after: checkpoint(7), signedBy: key.publicKey)
    }
  }

  @Test func `a log whose past changed is named`() throws {
    let answer = try answer(from: 7, to: 19)
    let seen = AuditCheckpoint(size: 7, root: MerkleHash.leaf(Data("another past".utf8)))
    #expect(throws: AuditLogRefusal.forked(at: 7)) {
      try answer.checkpoint(after: seen, signedBy: key.publicKey)
    }
  }

  @Test func `a proof that starts elsewhere is none`() throws {
    let answer = try answer(from: 6, to: 19)
    #expect(throws: AuditLogRefusal.forked(at: 7)) {
      try answer.checkpoint(after: checkpoint(7), signedBy: key.publicKey)
    }
  }

  @Test func `another key's checkpoint is not believed`() throws {
    let answer = try answer(from: 0, to: 5)
    let other = Curve25519.Signing.PrivateKey().publicKey
    #expect(throws: AuditLogRefusal.signature) {
      try answer.checkpoint(after: nil, signedBy: other)
    }
  }

  @Test func `a changed note is not believed`() throws {
    let note = try checkpoint(5).note(signedBy: key)
    let changed = note.replacingOccurrences(of: "\n5\n", with: "\n6\n")
    #expect(throws: AuditLogRefusal.signature) {
      try AuditCheckpoint(note: changed, signedBy: key.publicKey)
    }
  }

  @Test(arguments: ["", "\n", "old\n\nx", "old 01\n\nx", "old 1\nnot base64\n\nx", "old -1\n\nx"])
  func `bytes of another form are refused`(_ text: String) {
    #expect(throws: AuditLogRefusal.malformed) { try AuditProof(decoding: Data(text.utf8)) }
  }
}
