// SPDX-License-Identifier: Apache-2.0

/// Numbers as people write and read them.
package enum NumberText {
  /// Reads `-12.5` or `1.2e-3`; nothing for anything else, also not for `nan`, `inf` or hexadecimal.
  package static func decimal(_ text: String) -> Double? {
    var hasDigit = false
    var hasPoint = false
    var hasExponent = false
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39: hasDigit = true
      case 0x2E where !hasPoint && !hasExponent: hasPoint = true
      case 0x2B, 0x2D:
        guard previous == 0 || previous == 0x65 || previous == 0x45 else { return nil }
      case 0x65, 0x45:
        guard hasDigit, !hasExponent else { return nil }
        hasExponent = true
      default: return nil
      }
      previous = byte
    }
    guard hasDigit, let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// Reads a whole number of at most 18 digits.
  package static func integer(_ text: String) -> Int64? {
    guard text.utf8.count <= 19,
      text.utf8.enumerated().allSatisfy({ index, byte in
        (0x30...0x39).contains(byte) || (index == 0 && byte == 0x2D)
      })
    else { return nil }
    return Int64(text)
  }

  /// A limit without a needless `.0`.
  package static func limit(_ number: Double) -> String {
    Int64(exactly: number).map(String.init) ?? number.description
  }

  /// A converted value to six significant digits.
  package static func rounded(_ number: Double) -> Double {
    guard number != 0, number.isFinite else { return number }
    var scale = 1.0
    var magnitude = abs(number)
    while magnitude < 100_000 {
      magnitude *= 10
      scale *= 10
    }
    while magnitude >= 1_000_000 {
      magnitude /= 10
      scale /= 10
    }
    let whole = (number * scale).rounded()
    return scale >= 1 ? whole / scale : whole * (1 / scale)
  }
}
