// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A cursor over CSV bytes that turns cells into doubles without making strings.
struct NumericScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var row = 0

  /// The bytes stay with the caller, who keeps them alive.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
  }

  /// What a cell holds.
  private enum Cell {
    case number(Double)
    case missing
    case text
  }

  /// The cells of the first row that is not empty.
  mutating func header(limit: Int) throws(NumericTableFault) -> [String] {
    skipEmptyRows()
    var names: [String] = []
    guard position < bytes.count else { return names }
    repeat {
      names.append(Self.string(try rawCell()))
    } while passComma() && names.count < limit
    endRow()
    return names
  }

  /// At least as many rows as are left.
  func rowLimit() -> Int {
    var count = 1
    for index in position..<bytes.count where bytes[index] == Byte.lineFeed { count += 1 }
    return count
  }

  /// Reads the rows that are left.
  ///
  /// - Parameters:
  ///   - slots: For each column of the file, where its numbers go; −1 passes it over.
  ///   - flat: The numbers, one slot after the other, preset to NaN.
  ///   - stride: The length of a slot, at least `rowLimit()`.
  ///   - isText: Set for the slots that have a cell which is no number.
  /// - Returns: The number of rows.
  /// - Throws: `NumericTableFault` naming the row.
  mutating func numbers(
    _ slots: [Int],
    into flat: inout [Double],
    stride: Int,
    isText: inout [Bool]
  ) throws(NumericTableFault) -> Int {
    row = 0
    skipEmptyRows()
    while position < bytes.count {
      var column = 0
      repeat {
        let slot = column < slots.count ? slots[column] : -1
        if slot < 0 {
          try skipCell()
        } else if let value = plainNumber() ?? longNumber() {
          flat[slot * stride + row] = value
        } else {
          switch try cell() {
          case .number(let value): flat[slot * stride + row] = value
          case .missing: break
          case .text: isText[slot] = true
          }
        }
        column += 1
      } while passComma()
      row += 1
      guard column == slots.count else {
        throw .cellsDiffer(row: row, expected: slots.count, found: column)
      }
      endRow()
      skipEmptyRows()
    }
    return row
  }

  /// Reads one column of the rows that are left as text.
  mutating func text(
    of wanted: Int,
    rows: Int,
    columns: Int
  ) throws(NumericTableFault) -> NumericTable.Column {
    var found: [String: Int] = [:]
    var codes: [Int] = []
    codes.reserveCapacity(rows)
    skipEmptyRows()
    while position < bytes.count {
      for column in 0..<columns {
        if column == wanted {
          let text = Self.string(try rawCell())
          if text.isEmpty || text == "NA" {
            codes.append(-1)
          } else {
            let code = found[text] ?? found.count
            found[text] = code
            codes.append(code)
          }
        } else {
          try skipCell()
        }
        _ = passComma()
      }
      endRow()
      skipEmptyRows()
    }
    let levels = found.keys.sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    var order = [Int](repeating: 0, count: levels.count)
    for (rank, level) in levels.enumerated() { order[found[level] ?? 0] = rank }
    return .text(codes: codes.map { $0 < 0 ? -1 : order[$0] }, levels: levels)
  }
}

extension NumericScanner {
  /// The number at the cursor when the cell is nothing but a short decimal number; passes it.
  ///
  /// A whole number below 2^53 times or divided by a power of ten up to 10^22, both exact doubles,
  /// is rounded once, hence correctly (Clinger, PLDI 1990, doi:10.1145/93542.93557).
  @inline(__always)
  private mutating func plainNumber() -> Double? {
    var index = position
    let end = bytes.count
    var isNegative = false
    if index < end, bytes[index] == Byte.minus {
      isNegative = true
      index += 1
    }
    var mantissa: UInt64 = 0
    var digits = 0
    var decimals = 0
    while index < end, bytes[index] &- Byte.zero <= 9 {
      mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- Byte.zero)
      digits += 1
      index += 1
    }
    if index < end, bytes[index] == Byte.point {
      index += 1
      let start = index
      while index < end, bytes[index] &- Byte.zero <= 9 {
        mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- Byte.zero)
        index += 1
      }
      decimals = index - start
      digits += decimals
    }
    guard digits > 0, digits <= 19, mantissa < 1 << 53, index == end || isEnd(bytes[index]) else {
      return nil
    }
    position = index
    let whole = Double(mantissa)
    let value = decimals == 0 ? whole : whole / Self.powers[decimals]
    return isNegative ? -value : value
  }

  /// The number at the cursor when the cell is a decimal number of any length; passes it.
  ///
  /// Only what the C library reads the same way gets there: digits, signs, a point, an exponent.
  private mutating func longNumber() -> Double? {
    var index = position
    while index < bytes.count, !isEnd(bytes[index]) {
      let byte = bytes[index]
      guard
        byte &- Byte.zero <= 9 || byte == Byte.point || byte == Byte.minus || byte == Byte.plus
          || byte | 0x20 == Byte.exponent
      else { return nil }
      index += 1
    }
    // Without a byte after it the number would not end for `strtod`.
    guard index > position, index < bytes.count, let base = bytes.baseAddress else { return nil }
    return (base + position).withMemoryRebound(to: CChar.self, capacity: index - position) { text in
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(text, &end)
      guard let end, UnsafePointer(end) == text + (index - position) else { return nil }
      position = index
      return value
    }
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19,
  ]

  @inline(__always)
  private func isEnd(_ byte: UInt8) -> Bool {
    byte == Byte.comma || byte == Byte.lineFeed || byte == Byte.carriageReturn
  }

  /// Any cell: quoted, with blanks around it, with an exponent, with many digits, or missing.
  private mutating func cell() throws(NumericTableFault) -> Cell {
    let text = Self.string(try rawCell()).trimmingCharacters(in: .whitespaces)
    if text.isEmpty || text == "NA" || text.lowercased() == "nan" { return .missing }
    let isDecimal = text.utf8.allSatisfy {
      $0 &- Byte.zero <= 9 || "+-.eE".utf8.contains($0)
    }
    guard isDecimal || ["inf", "+inf", "-inf"].contains(text.lowercased()) else { return .text }
    return Double(text).map { .number($0) } ?? .text
  }

  /// The bytes of the cell at the cursor, quotes resolved; passes it.
  private mutating func rawCell() throws(NumericTableFault) -> [UInt8] {
    let start = position
    guard position < bytes.count, bytes[position] == Byte.quote else {
      while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
      return Array(bytes[start..<position])
    }
    position += 1
    var content: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte != Byte.quote {
        content.append(byte)
      } else if position < bytes.count, bytes[position] == Byte.quote {
        content.append(byte)
        position += 1
      } else {
        guard position == bytes.count || isEnd(bytes[position]) else {
          throw .malformedQuote(row: row + 1)
        }
        return content
      }
    }
    throw .malformedQuote(row: row + 1)
  }

  private mutating func skipCell() throws(NumericTableFault) {
    if position < bytes.count, bytes[position] == Byte.quote {
      _ = try rawCell()
    } else {
      while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
    }
  }

  /// Passes a comma; false at the end of the row.
  @inline(__always)
  private mutating func passComma() -> Bool {
    guard position < bytes.count, bytes[position] == Byte.comma else { return false }
    position += 1
    return true
  }

  private mutating func endRow() {
    if position < bytes.count, bytes[position] == Byte.carriageReturn { position += 1 }
    if position < bytes.count, bytes[position] == Byte.lineFeed { position += 1 }
  }

  private mutating func skipEmptyRows() {
    while position < bytes.count,
      bytes[position] == Byte.lineFeed || bytes[position] == Byte.carriageReturn
    { position += 1 }
  }

  private static func string(_ cell: [UInt8]) -> String { String(decoding: cell, as: UTF8.self) }
}

private enum Byte {
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C
  static let plus: UInt8 = 0x2B
  static let minus: UInt8 = 0x2D
  static let point: UInt8 = 0x2E
  static let zero: UInt8 = 0x30
  static let exponent: UInt8 = 0x65
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
}
