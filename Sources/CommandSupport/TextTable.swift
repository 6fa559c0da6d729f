// SPDX-License-Identifier: Apache-2.0

/// An aligned table for people: left-aligned text, right-aligned numbers, two spaces between.
public struct TextTable: Sendable {
  private let headings: [String]
  private var rows: [[String]] = []

  /// Starts a table with these column headings.
  public init(_ headings: [String]) { self.headings = headings }

  /// Adds a row; missing cells are blank.
  public mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table as text, each line ended; headings alone when there are no rows.
  public var text: String {
    let all = [headings] + rows
    let widths = headings.indices.map { column in
      all.map { Self.width(Self.cell($0, column)) }.max() ?? 0
    }
    let isNumeric = headings.indices.map { column in
      !rows.isEmpty && rows.allSatisfy { Self.isNumber(Self.cell($0, column)) }
    }
    return all.map { row in
      let cells = headings.indices.map { column in
        let text = Self.cell(row, column)
        let space = String(repeating: " ", count: max(0, widths[column] - Self.width(text)))
        return isNumeric[column] ? space + text : text + space
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private static func cell(_ row: [String], _ column: Int) -> String {
    column < row.count ? printable(row[column]) : ""
  }

  /// Control characters would let a value move the cursor or forge lines.
  private static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }

  private static func isNumber(_ text: String) -> Bool { text.isEmpty || Double(text) != nil }

  /// Columns on a terminal: East Asian wide characters take two.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + (isWide($1.value) ? 2 : 1) }
  }

  private static func isWide(_ scalar: UInt32) -> Bool {
    (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar)
      || (0xAC00...0xD7A3).contains(scalar) || (0xF900...0xFAFF).contains(scalar)
      || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
      || (0x1F300...0x1FAFF).contains(scalar) || (0x20000...0x3FFFD).contains(scalar)
  }
}
