// SPDX-License-Identifier: Apache-2.0

/// Pearson's chi-square test of independence in a table of counts.
public struct ChiSquareTest: Equatable, Sendable {
  /// The statistic without correction, (rows − 1)(columns − 1) degrees of freedom.
  public let test: TestResult
  /// The statistic with Yates' correction, min(½, |O − E|); nil unless the table is 2 × 2.
  public let corrected: TestResult?
  /// The expected counts, in the shape of the table.
  public let expected: [[Double]]

  /// Tests a table of counts.
  ///
  /// - Parameter table: Rows of counts, at least 2 × 2 (shape: r × c).
  /// - Returns: The statistics and the expected counts.
  /// - Throws: `tooFew`, `countsDiffer`, `outOfRange` for a negative count, `zeroCell` when a row
  ///   or column is empty.
  public static func independence(_ table: [[Int]]) throws(BiostatisticsError) -> ChiSquareTest {
    let columnCount = try check(table)
    let rowTotals = table.map { Double($0.reduce(0, +)) }
    let columnTotals = (0..<columnCount).map { column in
      Double(table.reduce(0) { $0 + $1[column] })
    }
    guard !rowTotals.contains(0) else { throw .zeroCell("row total") }
    guard !columnTotals.contains(0) else { throw .zeroCell("column total") }
    let total = rowTotals.reduce(0, +)
    let expected = rowTotals.map { row in columnTotals.map { row * $0 / total } }
    let distribution = ChiSquared(
      degreesOfFreedom: Double((table.count - 1) * (columnCount - 1))
    )
    let isFourfold = table.count == 2 && columnCount == 2
    return ChiSquareTest(
      test: try distribution.test(statistic(table, expected, correction: 0)),
      corrected: isFourfold
        ? try distribution.test(statistic(table, expected, correction: 0.5)) : nil,
      expected: expected
    )
  }

  static func check(_ table: [[Int]]) throws(BiostatisticsError) -> Int {
    guard table.count > 1 else { throw .tooFew(what: "rows", needed: 2, found: table.count) }
    let columnCount = table[0].count
    guard columnCount > 1 else { throw .tooFew(what: "columns", needed: 2, found: columnCount) }
    for row in table {
      guard row.count == columnCount else {
        throw .countsDiffer(expected: columnCount, found: row.count)
      }
      // Sums of counts up to this limit are exact as numbers.
      if let stray = row.first(where: { !(0...1_000_000_000_000).contains($0) }) {
        throw .outOfRange(parameter: "count", value: Double(stray))
      }
    }
    return columnCount
  }

  private static func statistic(
    _ table: [[Int]],
    _ expected: [[Double]],
    correction: Double
  ) -> Double {
    let differences = zip(table, expected).map { zip($0, $1).map { abs(Double($0) - $1) } }
    let smallest = differences.joined().min() ?? 0
    let shift = min(correction, smallest)
    var sum = 0.0
    for (row, expectedRow) in zip(differences, expected) {
      for (difference, count) in zip(row, expectedRow) {
        sum += (difference - shift) * (difference - shift) / count
      }
    }
    return sum
  }
}
