// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Why a table for statistics could not be read; rows are counted from 1 after the header.
public enum NumericTableFault: Error, Equatable {
  /// The file has no header, or no row below it.
  case empty
  /// Two columns bear the same name.
  case columnRepeated(String)
  /// Columns that were asked for are not in the header.
  case columnsMissing([String])
  /// A row has fewer or more cells than the header.
  case cellsDiffer(row: Int, expected: Int, found: Int)
  /// A quoted cell never ends, or goes on after its end.
  case malformedQuote(row: Int)
}

/// Columns of numbers read from CSV, for statistics on any file.
///
/// Unlike `CSVReader` it knows nothing of the study: cells are separated by commas, rows end in LF
/// or CRLF, empty rows are skipped, and an empty cell, `NA` or `NaN` is missing. A column is
/// numeric when each of its other cells is a decimal number; every number is rounded correctly to
/// the nearest double. All other columns are text with levels.
public struct NumericTable: Sendable {
  /// The cells of one column.
  public enum Column: Equatable, Sendable {
    /// Numbers, NaN where the cell is missing.
    case numbers([Double])
    /// For each row the position of its text in the sorted levels, −1 where the cell is missing.
    case text(codes: [Int], levels: [String])
  }

  /// The most columns a header may have.
  public static let columnLimit = 10_000

  /// All names of the header, in the file's order.
  public let columnNames: [String]
  /// Rows below the header.
  public let rowCount: Int
  private let columns: [String: Column]

  /// Reads the named columns, or every column.
  ///
  /// - Parameters:
  ///   - bytes: The file, in UTF-8; a byte order mark is skipped.
  ///   - wanted: The columns to read; all of them when nil.
  /// - Throws: `NumericTableFault`.
  public init(_ bytes: Data, columns wanted: [String]? = nil) throws(NumericTableFault) {
    let read = bytes.withUnsafeBytes { raw in
      Result<Self, NumericTableFault> { () throws(NumericTableFault) in
        try Self(reading: raw.bindMemory(to: UInt8.self), wanted)
      }
    }
    self = try read.get()
  }

  private init(
    reading bytes: UnsafeBufferPointer<UInt8>,
    _ wanted: [String]?
  ) throws(NumericTableFault) {
    var scanner = NumericScanner(bytes)
    let header = try scanner.header(limit: Self.columnLimit)
    guard !header.isEmpty else { throw .empty }
    var positions: [String: Int] = [:]
    for (position, name) in header.enumerated() {
      guard positions.updateValue(position, forKey: name) == nil || name.isEmpty else {
        throw .columnRepeated(name)
      }
    }
    let names = wanted ?? header.filter { !$0.isEmpty }
    let missing = names.filter { positions[$0] == nil }
    guard missing.isEmpty else { throw .columnsMissing(missing) }
    let chosen = Set(names).sorted()
    var slots = [Int](repeating: -1, count: header.count)
    for (slot, name) in chosen.enumerated() { slots[positions[name] ?? 0] = slot }

    let body = scanner
    let limit = scanner.rowLimit()
    var isText = [Bool](repeating: false, count: chosen.count)
    var flat = [Double](repeating: .nan, count: limit * chosen.count)
    let rows = try scanner.numbers(slots, into: &flat, stride: limit, isText: &isText)
    guard rows > 0 else { throw .empty }
    var found: [String: Column] = [:]
    for (slot, name) in chosen.enumerated() {
      if isText[slot] {
        var again = body
        found[name] = try again.text(of: positions[name] ?? 0, rows: rows, columns: header.count)
      } else {
        found[name] = .numbers(Array(flat[slot * limit..<slot * limit + rows]))
      }
    }
    columnNames = header
    rowCount = rows
    columns = found
  }

  /// A column that was read; nil for another name.
  public subscript(name: String) -> Column? { columns[name] }
}
