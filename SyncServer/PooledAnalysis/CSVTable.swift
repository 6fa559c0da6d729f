// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry

/// A CSV file, whole in memory.
struct CSVTable {
  let header: [String]
  let rows: [[String]]

  /// The most bytes that are read.
  static let byteLimit = ImportFile.byteLimit

  init(_ bytes: [UInt8]) throws(PooledAnalysisError) {
    guard bytes.count <= Self.byteLimit else { throw .fileTooLarge(limitMiB: Self.byteLimit >> 20) }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    var reader = CSVReader(bytes)
    var header: [String] = []
    var rows: [[String]] = []
    while true {
      let cells: [String]?
      do { cells = try reader.next() } catch { throw .malformedCSV(row: rows.count + 1) }
      guard let cells else { break }
      let trimmed = cells.map(Self.trimmed)
      if header.isEmpty {
        header = trimmed
        try Self.check(header)
      } else if !trimmed.allSatisfy(\.isEmpty) {
        guard trimmed.count == header.count else {
          throw .rowLength(row: rows.count + 1, expected: header.count, found: trimmed.count)
        }
        guard rows.count < ImportFile.rowLimit else { throw .tooManyRows(ImportFile.rowLimit) }
        rows.append(trimmed)
      }
    }
    guard !rows.isEmpty else { throw .noRows }
    self.header = header
    self.rows = rows
  }

  /// Most cells have nothing around them.
  private static func trimmed(_ cell: String) -> String {
    let ends = [cell.utf8.first, cell.utf8.last]
    guard ends.contains(where: { $0.map { $0 <= 0x20 || $0 >= 0x80 } ?? false }) else {
      return cell
    }
    return cell.trimmingCharacters(in: .whitespaces)
  }

  private static func check(_ header: [String]) throws(PooledAnalysisError) {
    if header.count == 1, let separator = [";", "\t", "|"].first(where: header[0].contains) {
      throw .otherSeparator(separator)
    }
    var seen: Set<String> = []
    for name in header where !seen.insert(name).inserted { throw .columnRepeated(name) }
  }

  /// The table as text without a site column that the study does not know, and the sites of its
  /// rows.
  func text(_ study: Study) -> (bytes: [UInt8], sites: [String]?) {
    let role = study.profile.roles.site
    let index = header.firstIndex(of: role)
    let removed = study.column(role) == nil ? index : nil
    var text = ""
    for cells in [header] + rows {
      var isFirst = true
      for (place, cell) in cells.enumerated() where place != removed {
        if !isFirst { text += "," }
        isFirst = false
        text += Self.quoted(cell)
      }
      text += "\n"
    }
    return (Array(text.utf8), index.map { index in rows.map { $0[index] } })
  }

  private static func quoted(_ cell: String) -> String {
    let special: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D]
    guard cell.utf8.contains(where: special.contains) else { return cell }
    return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
