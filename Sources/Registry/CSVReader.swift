// SPDX-License-Identifier: Apache-2.0

/// Why CSV text could not be read further.
package enum CSVFault: Error, Equatable {
  /// A quote opens or ends in the middle of a cell.
  case strayQuote
  /// A quoted cell never ends.
  case unterminatedQuote
  /// A carriage return stands without a line feed.
  case loneCarriageReturn
  /// A row has more cells than are read.
  case tooManyColumns
}

/// Reads RFC 4180 rows one at a time from valid UTF-8, ending in LF or CRLF.
///
/// A byte order mark at the start is skipped. Memory use is one row.
package struct CSVReader {
  private let bytes: [UInt8]
  private var position = 0
  private let columnLimit: Int

  package init(_ bytes: [UInt8], columnLimit: Int = ImportFile.columnLimit) {
    self.bytes = bytes
    self.columnLimit = columnLimit
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next row's cells, or nothing at the end.
  package mutating func next() throws(CSVFault) -> [String]? {
    guard position < bytes.count else { return nil }
    var cells: [String] = []
    while true {
      guard cells.count < columnLimit else { throw .tooManyColumns }
      cells.append(try cell())
      guard position < bytes.count else { return cells }
      let separator = bytes[position]
      position += 1
      if separator == Byte.comma {
        continue
      }
      if separator == Byte.carriageReturn {
        guard position < bytes.count, bytes[position] == Byte.lineFeed else {
          throw .loneCarriageReturn
        }
        position += 1
      }
      return cells
    }
  }

  private mutating func cell() throws(CSVFault) -> String {
    if position < bytes.count, bytes[position] == Byte.quote { return try quotedCell() }
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == Byte.comma || byte == Byte.lineFeed || byte == Byte.carriageReturn { break }
      guard byte != Byte.quote else { throw .strayQuote }
      position += 1
    }
    return Self.text(bytes[start..<position])
  }

  private mutating func quotedCell() throws(CSVFault) -> String {
    position += 1
    var start = position
    var content: [UInt8] = []
    while position < bytes.count {
      guard bytes[position] == Byte.quote else {
        position += 1
        continue
      }
      content.append(contentsOf: bytes[start..<position])
      position += 1
      guard position < bytes.count else { return Self.text(content[...]) }
      switch bytes[position] {
      case Byte.quote:
        start = position
        position += 1
      case Byte.comma, Byte.lineFeed, Byte.carriageReturn:
        return Self.text(content[...])
      default:
        throw .strayQuote
      }
    }
    throw .unterminatedQuote
  }

  private static func text(_ slice: ArraySlice<UInt8>) -> String {
    String(decoding: slice, as: UTF8.self)
  }
}

private enum Byte {
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
}
