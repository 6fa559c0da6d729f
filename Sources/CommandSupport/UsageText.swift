// SPDX-License-Identifier: Apache-2.0

/// Messages of the argument parser, made fit for people and for logs.
enum UsageText {
  /// Takes quoted arguments out of the first line.
  ///
  /// The parser repeats what it did not understand, which may be a record number. Options and
  /// plain small words, such as a mistyped command, stay.
  static func withoutValues(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = lines.first else { return text }
    let message = first.hasPrefix("Error: ") ? String(first.dropFirst(7)) : first
    var parts = message.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
    for index in stride(from: 1, to: parts.count, by: 2) where !isPlain(parts[index]) {
      parts[index] = "…"
    }
    lines[0] = parts.joined(separator: "'")
    return lines.joined(separator: "\n")
  }

  private static func isPlain(_ word: String) -> Bool {
    if word.hasPrefix("<") { return true }
    return word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
  }
}
