// SPDX-License-Identifier: Apache-2.0

/// A participating hospital as the centre knows it.
public struct SiteRecord: Equatable, Sendable {
  /// The site's code, as in every batch of its replicas.
  public let code: String
  /// The hospital's name, for people.
  public let name: String
  /// Whether the site was revoked.
  public let isRevoked: Bool
  /// When it was added, in seconds since 1970.
  public let addedAt: Int

  /// Makes a record of its parts.
  public init(code: String, name: String, isRevoked: Bool, addedAt: Int) {
    self.code = code
    self.name = name
    self.isRevoked = isRevoked
    self.addedAt = addedAt
  }

  /// Says whether a text may be a site's code: 1 to 32 small or capital letters, digits, hyphens.
  ///
  /// Codes stand in paths and file names, so nothing else is let in.
  public static func isCode(_ text: String) -> Bool {
    guard (1...32).contains(text.utf8.count), let first = text.utf8.first, isLetter(first) else {
      return false
    }
    return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
