// SPDX-License-Identifier: Apache-2.0

/// One column of an exported file, as the codebook describes it.
struct ExportColumn {
  /// How a column is read.
  enum Kind: String {
    case text, number, flag, choice
  }

  let name: String
  let kind: Kind
  let label: String
  var unit = ""
  /// The codes of a choice, in order.
  var levels: [String] = []
  /// How the column comes from what was recorded.
  var note = ""
}

/// The rows of an exported file.
struct ExportTable {
  var columns: [ExportColumn] = []
  var rows: [[String]] = []

  /// The file: a header and one line a patient.
  var csv: String { CSVText.lines([columns.map(\.name)] + rows) }

  /// The codebook: one line a column.
  var codebook: String {
    CSVText.lines(
      [["column", "type", "unit", "levels", "label", "note"]]
        + columns.map {
          [
            $0.name, $0.kind.rawValue, $0.unit, $0.levels.joined(separator: "|"), $0.label,
            $0.note,
          ]
        }
    )
  }
}

/// Comma-separated text by RFC 4180, with line feeds.
enum CSVText {
  static func lines(_ rows: [[String]]) -> String {
    rows.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
