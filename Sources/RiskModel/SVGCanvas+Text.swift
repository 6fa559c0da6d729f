// SPDX-License-Identifier: Apache-2.0

/// How much room text takes, judged without the reader's fonts.
extension SVGCanvas {
  /// The width of a text, from above: an em for Chinese, average widths of Helvetica otherwise.
  package static func width(_ text: String, _ font: Font) -> Double {
    let sum = text.unicodeScalars.reduce(0) { $0 + ems($1) }
    return sum * font.size * (font.isBold ? 1.08 : 1)
  }

  /// A text that fits a width, shortened by an ellipsis where it must be.
  package static func fitted(_ text: String, _ font: Font, width: Double) -> String {
    guard self.width(text, font) > width else { return text }
    var kept = text
    while !kept.isEmpty, self.width(kept + "…", font) > width { kept.removeLast() }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }

  /// Text in lines no wider than a width; Chinese breaks between any two characters.
  package static func lines(_ text: String, _ font: Font, width: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for piece in pieces(text) {
      if !line.isEmpty, self.width(line + piece, font) > width {
        lines.append(trimmed(line))
        line = ""
      }
      line += line.isEmpty ? trimmed(piece) : piece
    }
    line = trimmed(line)
    return line.isEmpty ? lines : lines + [line]
  }

  /// Parts between which a line may break: words with the space before them, single characters.
  private static func pieces(_ text: String) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for character in text {
      let isWide = character.unicodeScalars.contains(where: isWide)
      if character == " " || isWide {
        // No line begins with a mark that closes.
        if isWide, "，。；：、）》%".contains(character) {
          piece.append(character)
          continue
        }
        if !piece.isEmpty { pieces.append(piece) }
        piece = String(character)
      } else {
        piece.append(character)
      }
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    (0x2E80...0x9FFF).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
      || (0xFF00...0xFFEF).contains(scalar.value)
  }

  private static func ems(_ scalar: Unicode.Scalar) -> Double {
    if isWide(scalar) { return 1 }
    return switch scalar {
    case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!": 0.28
    case " ", "f", "t", "r", "(", ")", "[", "]", "/", "-": 0.33
    case "m", "w", "M", "W", "%", "@", "—", "…": 0.9
    case "0"..."9", "a"..."z": 0.556
    case "A"..."Z": 0.7
    default: 0.62
    }
  }
}
