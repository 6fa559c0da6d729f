// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation

/// How long the centre's audit log was at a moment, and the hash over all of it.
///
/// Signed, it is a note in the form of C2SP tlog-checkpoint: whoever holds one can tell later
/// whether the log was only added to since. Source: https://c2sp.org/tlog-checkpoint
public struct AuditCheckpoint: Hashable, Sendable {
  /// The number of entries.
  public let size: UInt64
  /// The root of the hash tree over them, 32 bytes.
  public let root: Data

  /// Makes a checkpoint of its parts.
  public init(size: UInt64, root: Data) {
    self.size = size
    self.root = root
  }

  /// The name of the log and of the key that signs for it, one for each centre.
  public static func origin(_ centerKey: Curve25519.Signing.PublicKey) -> String {
    "lobule/audit/" + Hexadecimal.text(SHA256.hash(data: centerKey.rawRepresentation).prefix(8))
  }

  /// The checkpoint as a signed note.
  ///
  /// - Parameters:
  ///   - key: The centre's key.
  ///   - origin: The name of the log; by default the centre's.
  /// - Returns: The note.
  /// - Throws: `SigningError`.
  public func note(
    signedBy key: Curve25519.Signing.PrivateKey,
    origin: String? = nil
  ) throws(SigningError) -> String {
    let origin = origin ?? Self.origin(key.publicKey)
    return try SignedNote.sign(
      "\(origin)\n\(size)\n\(root.base64EncodedString())\n",
      name: origin,
      key: key
    )
  }

  /// Reads a signed note.
  ///
  /// - Parameters:
  ///   - note: The note.
  ///   - key: The key that must have signed it.
  ///   - origin: The name of the log; by default the centre's.
  /// - Throws: `AuditLogRefusal.malformed` or `.signature`.
  public init(
    note: String,
    signedBy key: Curve25519.Signing.PublicKey,
    origin: String? = nil
  ) throws(AuditLogRefusal) {
    let origin = origin ?? Self.origin(key)
    let text = try SignedNote.text(of: note, name: origin, key: key)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // Further lines are extensions, which the form allows and this version does not use.
    guard lines.count >= 4, lines[0] == origin, let size = UInt64(lines[1]),
      lines[1] == String(size), let root = Data(base64Encoded: String(lines[2])), root.count == 32
    else { throw .malformed }
    self.init(size: size, root: root)
  }
}
