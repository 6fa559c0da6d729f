// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation

/// What the centre tells a site about its audit log: where it stands, and that it was only added to.
///
/// The bytes have the form of a request to a C2SP witness, which each site is: a line `old` with
/// the size that the site knows, the consistency proof, an empty line, the signed checkpoint.
/// Source: https://c2sp.org/tlog-witness
public struct AuditProof: Hashable, Sendable {
  /// The size from which the proof leads, 0 when there was nothing to prove.
  public let oldSize: UInt64
  /// The consistency proof.
  public let proof: [Data]
  /// The signed checkpoint.
  public let note: String

  /// Makes an answer of its parts.
  public init(oldSize: UInt64, proof: [Data], note: String) {
    self.oldSize = oldSize
    self.proof = proof
    self.note = note
  }

  /// The bytes.
  public func encoded() -> Data {
    let lines = ["old \(oldSize)"] + proof.map { $0.base64EncodedString() } + ["", note]
    return Data(lines.joined(separator: "\n").utf8)
  }

  /// Reads the bytes; the note inside is not looked at.
  ///
  /// - Throws: `AuditLogRefusal.malformed`.
  public init(decoding bytes: Data) throws(AuditLogRefusal) {
    guard bytes.count <= 2 * SignedNote.limitBytes,
      let text = String(validating: bytes, as: UTF8.self),
      let gap = text.range(of: "\n\n")
    else { throw .malformed }
    let lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, first.hasPrefix("old "), let size = UInt64(first.dropFirst(4)),
      first == "old \(size)"
    else { throw .malformed }
    var proof: [Data] = []
    for line in lines.dropFirst() {
      guard let hash = Data(base64Encoded: String(line)), hash.count == 32 else { throw .malformed }
      proof.append(hash)
    }
    self.init(oldSize: size, proof: proof, note: String(text[gap.upperBound...]))
  }

  /// The checkpoint, when it is the centre's and continues the log that a site has seen.
  ///
  /// - Parameters:
  ///   - seen: The last checkpoint that the site kept; nil at its first sync.
  ///   - key: The centre's key, pinned at enrolment.
  /// - Returns: The checkpoint.
  /// - Throws: `AuditLogRefusal`.
  public func checkpoint(
    after seen: AuditCheckpoint?,
    signedBy key: Curve25519.Signing.PublicKey
  ) throws(AuditLogRefusal) -> AuditCheckpoint {
    let next = try AuditCheckpoint(note: note, signedBy: key)
    guard let seen else { return next }
    guard next.size >= seen.size else { throw .shortened(from: seen.size, to: next.size) }
    let isContinued = MerkleHash.isConsistent(
      from: (seen.size, seen.root),
      to: (next.size, next.root),
      proof: oldSize == seen.size ? proof : []
    )
    guard isContinued else { throw .forked(at: seen.size) }
    return next
  }
}
