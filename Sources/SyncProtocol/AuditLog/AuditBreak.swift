// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation

/// What the holders of the root keys state after a restore: the centre's audit log goes on from here.
///
/// The log that sites saw had more entries than the backup; those are lost. The statement names what
/// the backup had kept and where the new log stood, so that it excuses this one break and no other.
/// Signed by the threshold of the root keys, it lets sites go on witnessing.
public struct AuditBreak: Hashable, Sendable {
  /// The payload type of its envelope.
  public static let payloadType = "application/vnd.lobule.audit-break+json"
  private static let type = "audit_break"

  /// The name of the log, see `AuditCheckpoint.origin`.
  public let origin: String
  /// When the centre was restored, seconds since 1970.
  public let restoredAt: Int
  /// How long the log of the backup was: whoever saw no more of the old log has seen no break.
  public let keptSize: UInt64
  /// A checkpoint of the new log, which every later one must continue.
  public let checkpoint: AuditCheckpoint

  /// Makes a statement of its parts.
  public init(origin: String, restoredAt: Int, keptSize: UInt64, checkpoint: AuditCheckpoint) {
    self.origin = origin
    self.restoredAt = restoredAt
    self.keptSize = keptSize
    self.checkpoint = checkpoint
  }

  /// The statement in an envelope without signatures.
  public func envelope() -> Envelope {
    let payload = StrictJSON.object([
      "type": .string(Self.type),
      "origin": .string(origin),
      "restored_at": .string(ChannelTime.text(restoredAt)),
      "kept_size": .number(String(keptSize)),
      "size": .number(String(checkpoint.size)),
      "root": .string(Hexadecimal.text(checkpoint.root)),
    ])
    return Envelope(payloadType: Self.payloadType, payload: Data(payload.canonicalText.utf8))
  }

  /// Reads the payload of an envelope; says nothing about its signatures.
  ///
  /// - Throws: `AuditLogRefusal.malformed`.
  public init(_ envelope: Envelope) throws(AuditLogRefusal) {
    guard envelope.payloadType == Self.payloadType,
      let json = try? StrictJSON.parse(envelope.payload),
      let members = json.object(
        required: ["type", "origin", "restored_at", "kept_size", "size", "root"]),
      members["type"]?.text == Self.type,
      let origin = members["origin"]?.text,
      let restoredAt = members["restored_at"]?.text.flatMap(ChannelTime.seconds),
      let keptSize = members["kept_size"]?.count, let size = members["size"]?.count,
      let root = members["root"]?.text.flatMap(Hexadecimal.bytes), root.count == 32
    else { throw .malformed }
    self.init(
      origin: origin,
      restoredAt: restoredAt,
      keptSize: keptSize,
      checkpoint: AuditCheckpoint(size: size, root: Data(root))
    )
  }
}

/// A signed statement of a break, with the proof that the log of today continues from there.
public struct ExplainedBreak: Codable, Hashable, Sendable {
  /// The statement, see `AuditBreak`.
  public let statement: Envelope
  /// The bytes of an `AuditProof` that leads from the statement's checkpoint to today's.
  public let proof: Data

  /// Makes an explanation of its parts.
  public init(statement: Envelope, proof: Data) {
    self.statement = statement
    self.proof = proof
  }

  /// Checks that the root keys excuse the break that a site saw, and that the log went on since.
  ///
  /// - Parameters:
  ///   - root: The root that the site trusts.
  ///   - key: The centre's key, pinned at enrolment.
  ///   - seen: The last checkpoint that the site kept of the log before.
  ///   - last: When the last break was that the site accepted, seconds since 1970; 0 for none.
  /// - Returns: The statement, and today's checkpoint with its note.
  /// - Throws: `AuditLogRefusal`: `.signature` without enough root keys, `.forked` when the
  ///   statement is about another break.
  public func accepted(
    by root: TrustedRoot,
    signedBy key: Curve25519.Signing.PublicKey,
    seen: AuditCheckpoint,
    after last: Int
  ) throws(AuditLogRefusal) -> (statement: AuditBreak, checkpoint: AuditCheckpoint, note: String) {
    let stated = try AuditBreak(statement)
    guard root.rootKeysSigned(statement), stated.origin == AuditCheckpoint.origin(key) else {
      throw .signature
    }
    // A statement excuses one break: the log that went on from it may not break there again.
    guard stated.restoredAt > last, seen.size > stated.keptSize else {
      throw .forked(at: seen.size)
    }
    let proof = try AuditProof(decoding: proof)
    let next = try proof.checkpoint(after: stated.checkpoint, signedBy: key)
    return (stated, next, proof.note)
  }
}

/// The answer of the audit route: every break that the root keys have stated, oldest first.
public struct ExplainedBreaks: Codable, Hashable, Sendable {
  /// The most statements that a centre keeps and gives.
  public static let limit = 16

  /// The statements with their proofs.
  public let breaks: [ExplainedBreak]

  /// Makes an answer.
  public init(breaks: [ExplainedBreak]) {
    self.breaks = breaks
  }
}
