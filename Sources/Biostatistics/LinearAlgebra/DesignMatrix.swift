// SPDX-License-Identifier: Apache-2.0

/// The predictors of a model: n rows, p named columns, stored column by column without gaps.
///
/// The intercept is not a column here; the fits add it.
public struct DesignMatrix: Equatable, Sendable {
  /// The names of the columns, unique, in order (shape: p).
  public let columnNames: [String]
  /// The number of rows, n.
  public let rowCount: Int
  /// All values, column after column (shape: n × p).
  public let values: [Double]

  /// The number of columns, p.
  public var columnCount: Int { columnNames.count }

  /// Makes a design from its columns.
  ///
  /// - Parameters:
  ///   - columnNames: Unique names (shape: p).
  ///   - columns: One array for each name (shape: p × n), all finite.
  /// - Throws: `countsDiffer`, `duplicateColumn`, `notFinite` or `emptyInput`.
  public init(columnNames: [String], columns: [[Double]]) throws(BiostatisticsError) {
    guard columnNames.count == columns.count else {
      throw .countsDiffer(expected: columnNames.count, found: columns.count)
    }
    guard let rowCount = columns.first?.count, rowCount > 0 else { throw .emptyInput }
    var seen: Set<String> = []
    for (name, column) in zip(columnNames, columns) {
      guard seen.insert(name).inserted else { throw .duplicateColumn(name) }
      guard column.count == rowCount else {
        throw .countsDiffer(expected: rowCount, found: column.count)
      }
      if let position = column.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(input: name, position: position)
      }
    }
    self.columnNames = columnNames
    self.rowCount = rowCount
    var values: [Double] = []
    values.reserveCapacity(rowCount * columns.count)
    for column in columns { values.append(contentsOf: column) }
    self.values = values
  }

  /// Makes a design without predictors, for models of an intercept alone.
  ///
  /// - Parameter rowCount: The number of rows, at least 1.
  /// - Throws: `emptyInput`.
  public init(rowCount: Int) throws(BiostatisticsError) {
    guard rowCount > 0 else { throw .emptyInput }
    columnNames = []
    self.rowCount = rowCount
    values = []
  }

  /// The values of one column (shape: n).
  public func column(_ index: Int) -> ArraySlice<Double> {
    values[index * rowCount..<(index + 1) * rowCount]
  }

  /// The value in one row and column.
  public subscript(row: Int, column: Int) -> Double { values[column * rowCount + row] }

  /// The design of some rows, in the given order; a row may be taken more than once.
  ///
  /// - Parameter rows: Positions in 0..<n.
  /// - Returns: A design with one row for each position.
  /// - Throws: `emptyInput`.
  public func selecting(rows: [Int]) throws(BiostatisticsError) -> DesignMatrix {
    guard !rows.isEmpty else { throw .emptyInput }
    guard columnCount > 0 else { return try DesignMatrix(rowCount: rows.count) }
    let columns = (0..<columnCount).map { index in rows.map { self[$0, index] } }
    return try DesignMatrix(columnNames: columnNames, columns: columns)
  }
}
