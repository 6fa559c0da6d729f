// SPDX-License-Identifier: Apache-2.0

/// One tidy table of a report: a row an observation, a column a variable, full precision.
public struct ReportTable: Hashable, Sendable {
  /// The table's name, which is that of its file without `.csv`.
  public let name: String
  /// The columns.
  public let columns: [String]
  /// The rows; a cell that is not known is empty.
  public private(set) var rows: [[String]] = []

  init(_ name: String, _ columns: [String]) {
    self.name = name
    self.columns = columns
  }

  mutating func add(_ cells: [any ReportCell]) { rows.append(cells.map(\.cell)) }

  /// The table as RFC 4180 has it, lines ending in CR LF.
  public var csv: String {
    ([columns] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func quoted(_ cell: String) -> String {
    let isPlain = !cell.contains { ",\"\n\r".contains($0) || $0 == "\r\n" }
    return isPlain ? cell : "\"\(cell.replacing("\"", with: "\"\""))\""
  }
}

/// What a cell can hold.
protocol ReportCell: Sendable {
  var cell: String { get }
}

extension String: ReportCell { var cell: String { self } }
extension Int: ReportCell { var cell: String { "\(self)" } }
extension UInt64: ReportCell { var cell: String { "\(self)" } }
extension Bool: ReportCell { var cell: String { self ? "true" : "false" } }
extension Double: ReportCell { var cell: String { "\(self)" } }
extension Optional: ReportCell where Wrapped: ReportCell {
  var cell: String { map(\.cell) ?? "" }
}
