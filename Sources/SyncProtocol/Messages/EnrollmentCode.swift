// SPDX-License-Identifier: Apache-2.0

/// A one-time code that introduces a device to its centre; it is never sent.
///
/// 120 random bits as 24 characters of Crockford's base 32 in six groups of four.
public struct EnrollmentCode: Hashable, Sendable {
  /// The 24 characters, in upper case and without hyphens.
  let characters: String

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private static let length = 24

  /// Draws a code.
  ///
  /// `generator` must be the system's secure generator outside tests.
  public static func random(using generator: inout some RandomNumberGenerator) -> EnrollmentCode {
    let drawn = (0..<length).map { _ in alphabet[Int(generator.next() >> 59)] }
    return EnrollmentCode(characters: String(decoding: drawn, as: UTF8.self))
  }

  /// Reads a code as people type it: hyphens and spaces are skipped, lower case is taken, and the
  /// letters I, L and O stand for the digits they look like.
  ///
  /// - Throws: `SyncProtocolError.notAnEnrollmentCode`.
  public init(parsing text: String) throws(SyncProtocolError) {
    guard text.utf8.count <= 128 else { throw .notAnEnrollmentCode }
    var read: [UInt8] = []
    for byte in text.uppercased().utf8 {
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: " "): continue
      case UInt8(ascii: "O"): read.append(UInt8(ascii: "0"))
      case UInt8(ascii: "I"), UInt8(ascii: "L"): read.append(UInt8(ascii: "1"))
      default:
        guard Self.alphabet.contains(byte) else { throw .notAnEnrollmentCode }
        read.append(byte)
      }
    }
    guard read.count == Self.length else { throw .notAnEnrollmentCode }
    self.init(characters: String(decoding: read, as: UTF8.self))
  }

  private init(characters: String) { self.characters = characters }

  /// The code in groups of four, as it is shown to people.
  public var formatted: String {
    let all = Array(characters.utf8)
    return stride(from: 0, to: all.count, by: 4)
      .map { String(decoding: all[$0..<$0 + 4], as: UTF8.self) }
      .joined(separator: "-")
  }
}
