// SPDX-License-Identifier: Apache-2.0

public import Crypto
import Foundation

/// A text with the signature of one key below it, in the form of C2SP signed-note.
///
/// Source: https://c2sp.org/signed-note
public enum SignedNote {
  /// The longest note that is read.
  static let limitBytes = 4096
  /// The kind of key that the form calls Ed25519.
  private static let ed25519: UInt8 = 1

  /// Signs a text.
  ///
  /// - Parameters:
  ///   - text: The text; it ends with a line feed.
  ///   - name: The key's name: no blanks, no plus sign.
  ///   - key: The key.
  /// - Returns: The note.
  /// - Throws: `SigningError.notCanonical` for a text or a name without that form.
  public static func sign(
    _ text: String,
    name: String,
    key: Curve25519.Signing.PrivateKey
  ) throws(SigningError) -> String {
    guard text.hasSuffix("\n"), !text.contains("\n\n"), isName(name) else {
      throw .notCanonical("note")
    }
    guard let signature = try? key.signature(for: Data(text.utf8)) else { throw .cryptography }
    let bytes = keyID(name, key.publicKey) + signature
    return "\(text)\n— \(name) \(bytes.base64EncodedString())\n"
  }

  /// The text of a note that a key has signed.
  ///
  /// Signatures of other keys are passed over.
  ///
  /// - Throws: `AuditLogRefusal.malformed`, or `.signature` when the key has not signed the text.
  public static func text(
    of note: String,
    name: String,
    key: Curve25519.Signing.PublicKey
  ) throws(AuditLogRefusal) -> String {
    guard note.utf8.count <= limitBytes, note.hasSuffix("\n"),
      let gap = note.range(of: "\n\n", options: .backwards)
    else { throw .malformed }
    let text = String(note[..<gap.lowerBound]) + "\n"
    let id = keyID(name, key)
    var isSigned = false
    for line in note[gap.upperBound...].dropLast().split(
      separator: "\n",
      omittingEmptySubsequences: false
    ) {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "—", let bytes = Data(base64Encoded: String(words[2])),
        bytes.count > id.count
      else { throw .malformed }
      guard words[1] == name, bytes.prefix(id.count) == id else { continue }
      guard key.isValidSignature(bytes.dropFirst(id.count), for: Data(text.utf8)) else {
        throw .signature
      }
      isSigned = true
    }
    guard isSigned else { throw .signature }
    return text
  }

  /// The public key as one line, for people and for other programs.
  public static func verifierKey(name: String, key: Curve25519.Signing.PublicKey) -> String {
    let coded = (Data([ed25519]) + key.rawRepresentation).base64EncodedString()
    return "\(name)+\(Hexadecimal.text(keyID(name, key)))+\(coded)"
  }

  /// The first four bytes of a hash over name and key, which say whose signature a line is.
  private static func keyID(_ name: String, _ key: Curve25519.Signing.PublicKey) -> Data {
    let hashed = Data("\(name)\n".utf8) + [ed25519] + key.rawRepresentation
    return Data(SHA256.hash(data: hashed).prefix(4))
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "+") }
  }
}

/// Why an answer about the centre's audit log is not believed.
public enum AuditLogRefusal: Error, Hashable, Sendable {
  /// The bytes have not the form of a checkpoint or a proof.
  case malformed
  /// It is not signed by the centre's key, or for another log.
  case signature
  /// The log is shorter than it was when this site last saw it.
  case shortened(from: UInt64, to: UInt64)
  /// The log does not continue the one that this site saw: an entry was changed.
  case forked(at: UInt64)
}
