// SPDX-License-Identifier: Apache-2.0

/// A CSV file of a study with known columns.
struct StudyTable {
  /// The file's name.
  let name: String
  /// The data rows.
  let rows: [Row]

  /// One data row.
  struct Row {
    /// Counted from 1.
    let number: Int
    fileprivate let cells: [String: String]

    /// The cell of a column, empty when blank.
    subscript(column: String) -> String { cells[column] ?? "" }

    /// The cell's parts between bars; none when blank.
    func list(_ column: String) -> [String] {
      self[column].isEmpty ? [] : self[column].split(separator: "|").map(String.init)
    }
  }

  static func parse(
    _ bytes: [UInt8],
    name: String,
    columns: [String]
  ) throws(RegistryError) -> StudyTable {
    guard bytes.count <= 1 << 20, String(validating: bytes, as: UTF8.self) != nil else {
      throw .studyFileMalformed(name: name, row: 0)
    }
    var reader = CSVReader(bytes)
    var header: [String]?
    var rows: [Row] = []
    while let cells = try Self.next(&reader, name: name, row: rows.count) {
      guard let titles = header else {
        guard cells == columns else { throw .studyFileMalformed(name: name, row: 0) }
        header = cells
        continue
      }
      guard cells.count == titles.count else {
        throw .studyFileMalformed(name: name, row: rows.count + 1)
      }
      let pairs = Dictionary(uniqueKeysWithValues: zip(titles, cells))
      rows.append(Row(number: rows.count + 1, cells: pairs))
    }
    guard header != nil else { throw .studyFileMalformed(name: name, row: 0) }
    return StudyTable(name: name, rows: rows)
  }

  func invalid(_ row: Row, _ column: String) -> RegistryError {
    .studyFileInvalid(name: name, row: row.number, column: column)
  }

  /// A closed range; open ends are infinite, and two blanks are no range.
  func range(
    _ row: Row,
    _ low: String,
    _ high: String
  ) throws(RegistryError) -> ClosedRange<Double>? {
    if row[low].isEmpty, row[high].isEmpty { return nil }
    guard let lower = row[low].isEmpty ? -Double.infinity : NumberText.decimal(row[low]) else {
      throw invalid(row, low)
    }
    guard let upper = row[high].isEmpty ? Double.infinity : NumberText.decimal(row[high]),
      lower <= upper
    else { throw invalid(row, high) }
    return lower...upper
  }

  private static func next(
    _ reader: inout CSVReader,
    name: String,
    row: Int
  ) throws(RegistryError) -> [String]? {
    do {
      return try reader.next()
    } catch {
      throw .studyFileMalformed(name: name, row: row)
    }
  }
}
