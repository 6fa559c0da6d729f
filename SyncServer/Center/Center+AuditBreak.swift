// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
public import SyncProtocol

extension Center {
  /// What the root keys are asked to state about the last restore.
  ///
  /// - Returns: The statement, without signatures.
  /// - Throws: `CenterError.noAuditBreak` for a centre that was never restored.
  public func auditBreak() throws(CenterError) -> AuditBreak {
    try store.read { store in
      guard let at = try store.setting(Setting.restoredAt).flatMap(Self.number),
        let kept = try store.setting(Setting.keptEntries).flatMap(Self.number),
        let key = try store.setting(Setting.publicKey)
      else { throw CenterError.noAuditBreak }
      let tree = try store.auditTree()
      return AuditBreak(
        origin: AuditCheckpoint.origin(try Curve25519.Signing.PublicKey(rawRepresentation: key)),
        restoredAt: at,
        keptSize: UInt64(clamping: kept),
        checkpoint: AuditCheckpoint(size: tree.size, root: try tree.root())
      )
    }
  }

  /// Gives sites a statement that enough root keys have signed.
  ///
  /// - Parameters:
  ///   - envelope: The signed statement.
  ///   - now: Seconds since 1970, for the audit.
  /// - Throws: `CenterError.auditBreakRefused` when it is about another log or too few signed it.
  public func publishAuditBreak(_ envelope: Envelope, now: Int) throws(CenterError) {
    try store.write { store in
      guard let stated = try? AuditBreak(envelope),
        let key = try store.setting(Setting.publicKey),
        stated.origin
          == AuditCheckpoint.origin(try Curve25519.Signing.PublicKey(rawRepresentation: key)),
        stated.checkpoint.size <= (try store.auditSize()),
        try MerkleTree(size: stated.checkpoint.size, node: store.auditNode).root()
          == stated.checkpoint.root
      else { throw CenterError.auditBreakRefused(.otherLog) }
      guard try Self.root(in: store).rootKeysSigned(envelope) else {
        throw CenterError.auditBreakRefused(.tooFewSignatures)
      }
      let known = try Self.statements(in: store)
      guard !known.contains(where: { $0.payload == envelope.payload }) else { return }
      let kept = (known + [envelope]).suffix(ExplainedBreaks.limit)
      try store.set(Setting.auditBreaks, to: try JSONEncoder().encode(Array(kept)))
      try store.record(
        AuditEvent(
          "audit_break_published",
          subject: Self.hexadecimal(sha256: envelope.payload),
          details: ["kept_entries": String(stated.keptSize)]
        ),
        now: now
      )
    }
  }

  /// Every published statement, with the proof that the log of today continues from it.
  ///
  /// - Parameter identity: The centre's key.
  /// - Returns: The statements, oldest first.
  /// - Throws: What the store throws.
  public func explainedBreaks(
    signedBy identity: SigningIdentity
  ) throws(CenterError) -> ExplainedBreaks {
    try store.read { store in
      let tree = try store.auditTree()
      let note = try AuditCheckpoint(size: tree.size, root: try tree.root())
        .note(signedBy: identity.privateKey)
      let breaks = try Self.statements(in: store).compactMap { envelope -> ExplainedBreak? in
        // A statement of a log that a later restore has cut says nothing about this one.
        guard let stated = try? AuditBreak(envelope), stated.checkpoint.size <= tree.size else {
          return nil
        }
        let size = stated.checkpoint.size
        let proof = AuditProof(
          oldSize: size,
          proof: size == tree.size ? [] : try tree.consistencyProof(from: size),
          note: note
        )
        return ExplainedBreak(statement: envelope, proof: proof.encoded())
      }
      return ExplainedBreaks(breaks: breaks)
    }
  }

  private static func statements(in store: any CenterReading) throws -> [Envelope] {
    try store.setting(Setting.auditBreaks).map {
      try JSONDecoder().decode([Envelope].self, from: $0)
    } ?? []
  }

  private static func number(_ bytes: Data) -> Int? { Int(String(decoding: bytes, as: UTF8.self)) }
}

/// Why a statement about the audit log was not published.
public enum AuditBreakFault: Error, Equatable, Sendable {
  /// It is no statement, or not about this centre's log.
  case otherLog
  /// Fewer root keys than needed have signed it.
  case tooFewSignatures
}
