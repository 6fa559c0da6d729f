// SPDX-License-Identifier: Apache-2.0

/// Counts of patients in two classifications, before anything is hidden.
public struct CountTable: Hashable, Sendable {
  /// The table's name, also that of its file.
  public let name: String
  /// The categories of the rows.
  public let rows: [String]
  /// The categories of the columns.
  public let columns: [String]
  /// Patients by row, then column (shape: rows × columns).
  public let counts: [[Int]]

  /// Counts patients.
  ///
  /// - Parameters:
  ///   - name: The table's name.
  ///   - rows: The categories of the rows, in order.
  ///   - columns: The categories of the columns, in order.
  ///   - patients: Each patient's category of either kind; one that is not listed is left out.
  public init(
    name: String,
    rows: [String],
    columns: [String],
    patients: some Sequence<(row: String, column: String)>
  ) {
    var counts = rows.map { _ in columns.map { _ in 0 } }
    for patient in patients {
      guard let row = rows.firstIndex(of: patient.row),
        let column = columns.firstIndex(of: patient.column)
      else { continue }
      counts[row][column] += 1
    }
    self.init(name: name, rows: rows, columns: columns, counts: counts)
  }

  /// Makes a table of its parts.
  public init(name: String, rows: [String], columns: [String], counts: [[Int]]) {
    self.name = name
    self.rows = rows
    self.columns = columns
    self.counts = counts
  }

  /// Patients of each row.
  public var rowTotals: [Int] { counts.map { $0.reduce(0, +) } }

  /// Patients of each column.
  public var columnTotals: [Int] {
    columns.indices.map { column in counts.reduce(0) { $0 + $1[column] } }
  }

  /// The table with rows and columns and their meaning exchanged.
  var transposed: CountTable {
    CountTable(
      name: name,
      rows: columns,
      columns: rows,
      counts: columns.indices.map { column in counts.map { $0[column] } }
    )
  }

  /// The table with its smallest rows joined until every row has enough patients.
  ///
  /// Rows without any patient are dropped. Joined rows bear all their names.
  ///
  /// - Parameter least: The fewest patients of a row.
  /// - Returns: The joined table.
  public func joiningRows(least: Int) -> CountTable {
    var kept = zip(rows, counts).map { (name: $0.0, counts: $0.1) }
      .filter { $0.counts.contains { $0 > 0 } }
    func total(_ index: Int) -> Int { kept[index].counts.reduce(0, +) }
    while kept.count > 1, let small = kept.indices.min(by: { total($0) < total($1) }),
      total(small) < least
    {
      let others = kept.indices.filter { $0 != small }
      guard let partner = others.min(by: { total($0) < total($1) }) else { break }
      let (first, second) = (min(small, partner), max(small, partner))
      kept[first] = (
        name: "\(kept[first].name) + \(kept[second].name)",
        counts: zip(kept[first].counts, kept[second].counts).map(+)
      )
      kept.remove(at: second)
    }
    return CountTable(
      name: name,
      rows: kept.map(\.name),
      columns: columns,
      counts: kept.map(\.counts)
    )
  }

  /// The table with its smallest columns joined until every column has enough patients.
  ///
  /// - Parameter least: The fewest patients of a column.
  /// - Returns: The joined table.
  public func joiningColumns(least: Int) -> CountTable {
    transposed.joiningRows(least: least).transposed
  }
}
