// SPDX-License-Identifier: Apache-2.0

/// A table of counts as it may leave the centre: small cells hidden, and others so that no
/// subtraction brings them back.
public struct SafeTable: Codable, Hashable, Sendable {
  /// The fewest patients of a cell that is shown.
  public static let least = 5

  /// The table's name.
  public let name: String
  /// The categories of the rows.
  public let rows: [String]
  /// The categories of the columns.
  public let columns: [String]
  /// Patients by row, then column; nil where hidden.
  public let cells: [[Int?]]
  /// Patients of each row.
  public let rowTotals: [Int]
  /// Patients of each column.
  public let columnTotals: [Int]

  /// All patients.
  public var total: Int { rowTotals.reduce(0, +) }
}

/// Why a table is not published.
public enum WithheldTable: String, Codable, Error, Hashable, Sendable {
  /// One category of rows or of columns is left when small ones are joined.
  case tooFewPatients = "too_few_patients"
  /// Too little is left to see when small cells are protected.
  case notProtected = "not_protected"
  /// Compared with an earlier publication it would show what few patients added.
  case tooLittleChanged = "too_little_changed"
}

extension SafeTable {
  /// Hides what must be hidden.
  ///
  /// Categories with too few patients are joined first, so that every total is shown. A cell with
  /// fewer than `least` patients is hidden, zeros too, and so is one that differs by so few from
  /// an earlier publication. Then further cells are hidden until what is published leaves every
  /// hidden cell at least `least` possible counts, by `HiddenCells`.
  ///
  /// - Parameters:
  ///   - table: The counts.
  ///   - earlier: Publications of a table of this name, of any cut.
  /// - Returns: The table as it may leave.
  /// - Throws: `WithheldTable` when nothing safe is left.
  public static func protect(
    _ table: CountTable,
    after earlier: [SafeTable] = []
  ) throws(WithheldTable) -> SafeTable {
    let joined = table.joiningColumns(least: least).joiningRows(least: least)
    guard joined.rows.count > 1, joined.columns.count > 1,
      (joined.rowTotals + joined.columnTotals).allSatisfy({ $0 >= least })
    else { throw .tooFewPatients }
    var primary: Set<HiddenCells.Cell> = []
    for row in joined.rows.indices {
      for column in joined.columns.indices where joined.counts[row][column] < least {
        primary.insert(HiddenCells.Cell(row: row, column: column))
      }
    }
    for known in earlier where known.name == joined.name {
      primary.formUnion(try changed(joined, since: known))
    }
    var hidden = HiddenCells(joined, cells: primary)
    while let weak = hidden.cells.sorted().first(where: { !isProtected($0, hidden) }) {
      guard let more = cheapest(around: weak, joined, hidden) else { throw .notProtected }
      hidden.hide(more)
    }
    guard hidden.cells.count < joined.rows.count * joined.columns.count else {
      throw .notProtected
    }
    return SafeTable(joined, hiding: hidden.cells)
  }

  private init(_ table: CountTable, hiding hidden: Set<HiddenCells.Cell>) {
    name = table.name
    rows = table.rows
    columns = table.columns
    cells = table.rows.indices.map { row in
      table.columns.indices.map { column in
        hidden.contains(HiddenCells.Cell(row: row, column: column))
          ? nil : table.counts[row][column]
      }
    }
    rowTotals = table.rowTotals
    columnTotals = table.columnTotals
  }

  private static func isProtected(_ cell: HiddenCells.Cell, _ hidden: HiddenCells) -> Bool {
    let range = hidden.range(of: cell)
    return range.upperBound - range.lowerBound >= least - 1
  }

  /// The other corners of a rectangle with a cell, those with the fewest patients to hide.
  private static func cheapest(
    around weak: HiddenCells.Cell,
    _ table: CountTable,
    _ hidden: HiddenCells
  ) -> Set<HiddenCells.Cell>? {
    var best: (cost: Int, cells: Set<HiddenCells.Cell>)?
    for row in table.rows.indices where row != weak.row {
      for column in table.columns.indices where column != weak.column {
        let corners = Set([
          HiddenCells.Cell(row: row, column: column),
          HiddenCells.Cell(row: weak.row, column: column),
          HiddenCells.Cell(row: row, column: weak.column),
        ]).subtracting(hidden.cells)
        guard !corners.isEmpty else { continue }
        let cost = corners.reduce(0) { $0 + table.counts[$1.row][$1.column] }
        if cost < best?.cost ?? .max { best = (cost, corners) }
      }
    }
    return best?.cells
  }
}

extension SafeTable {
  /// How many patients more or less make a table with other categories safe beside an earlier one.
  private static let leastWithOtherCategories = 50

  /// The cells that would show, against an earlier publication, what few patients added.
  private static func changed(
    _ table: CountTable,
    since earlier: SafeTable
  ) throws(WithheldTable) -> Set<HiddenCells.Cell> {
    guard table.rows == earlier.rows, table.columns == earlier.columns else {
      let difference = abs(table.rowTotals.reduce(0, +) - earlier.total)
      guard difference >= leastWithOtherCategories else { throw .tooLittleChanged }
      return []
    }
    let totals = zip(
      table.rowTotals + table.columnTotals,
      earlier.rowTotals + earlier.columnTotals
    )
    guard totals.allSatisfy({ !isFew($0 - $1) }) else { throw .tooLittleChanged }
    var cells: Set<HiddenCells.Cell> = []
    for row in table.rows.indices {
      for column in table.columns.indices {
        guard let before = earlier.cells[row][column] else { continue }
        if isFew(table.counts[row][column] - before) {
          cells.insert(HiddenCells.Cell(row: row, column: column))
        }
      }
    }
    return cells
  }

  private static func isFew(_ change: Int) -> Bool { (1..<least).contains(abs(change)) }
}
