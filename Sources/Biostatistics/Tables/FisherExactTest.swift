// SPDX-License-Identifier: Apache-2.0

/// Fisher's exact test of independence in a table of counts with fixed margins.
///
/// The two-sided p value sums all tables at most as probable as the observed one, with a relative
/// guard of 1e-7 for ties, as R does.
///
/// Source: Fisher, J R Stat Soc 1935;98:39–82, doi:10.2307/2342435; odds ratio and limits:
/// Cornfield, Proc Third Berkeley Symp 1956;4:135–148.
public struct FisherExactTest: Equatable, Sendable {
  /// The two-sided p value.
  public let p: Double
  /// The odds ratio of a 2 × 2 table; nil for larger ones and when a margin is empty.
  public let oddsRatio: OddsRatio?

  /// The conditional maximum-likelihood odds ratio, which is not ad/bc.
  public struct OddsRatio: Equatable, Sendable {
    /// The estimate; nil when infinite, 0 when the table is the lowest its margins allow.
    public let estimate: Double?
    /// The exact lower limit.
    public let low: Double
    /// The exact upper limit; nil when infinite.
    public let high: Double?
  }

  /// Tests a table of counts.
  ///
  /// - Parameters:
  ///   - table: Rows of counts, at least 2 × 2 (shape: r × c).
  ///   - confidence: The level of the limits of the odds ratio.
  ///   - tableLimit: The number of tables to enumerate at most.
  /// - Returns: The p value, and the odds ratio of a 2 × 2 table.
  /// - Throws: `tooFew`, `countsDiffer`, `emptyInput` without any count, `outOfRange` for a
  ///   negative count or when the margins allow more than `tableLimit` tables.
  public static func test(
    _ table: [[Int]],
    confidence: Double = 0.95,
    tableLimit: Int = 5_000_000
  ) throws(BiostatisticsError) -> FisherExactTest {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    let columnCount = try ChiSquareTest.check(table)
    let total = table.joined().reduce(0) { $0 + Double($1) }
    guard total > 0 else { throw .emptyInput }
    guard total < 1e7 else { throw .outOfRange(parameter: "count", value: total) }
    let rows = table.map { $0.reduce(0, +) }
    let columns = (0..<columnCount).map { column in table.reduce(0) { $0 + $1[column] } }
    var tables = FixedMargins(rows: rows, columns: columns, limit: tableLimit)
    let p = try tables.probability(notAbove: table)
    guard table.count == 2, columnCount == 2 else {
      return FisherExactTest(p: p, oddsRatio: nil)
    }
    let family = NoncentralTables(rows: rows, columns: columns)
    let ratio = try family.oddsRatio(at: table[0][0], tail: (1 - confidence) / 2)
    return FisherExactTest(p: p, oddsRatio: ratio)
  }
}

/// All tables with given margins.
private struct FixedMargins {
  let rows: [Int]
  let columns: [Int]
  let limit: Int
  private let logFactorials: [Double]
  private var visited = 0

  init(rows: [Int], columns: [Int], limit: Int) {
    // Fewest columns to fill: tables are symmetric in rows and columns.
    self.rows = rows.count >= columns.count ? columns : rows
    self.columns = rows.count >= columns.count ? rows : columns
    self.limit = limit
    logFactorials = LogFactorials.upTo(rows.reduce(0, +))
  }

  mutating func probability(notAbove table: [[Int]]) throws(BiostatisticsError) -> Double {
    let total = rows.reduce(0, +)
    let margins = (rows + columns).reduce(0) { $0 + logFactorials[$1] } - logFactorials[total]
    let observed = table.joined().reduce(margins) { $0 - logFactorials[$1] }
    var sum = 0.0
    try fill(
      column: 0,
      row: 0,
      left: columns[0],
      rest: rows,
      logProbability: margins,
      threshold: observed + log1p(1e-7),
      sum: &sum
    )
    return min(1, sum)
  }

  /// Fills the cells of one column after the other with every count that fits.
  private mutating func fill(
    column: Int,
    row: Int,
    left: Int,
    rest: [Int],
    logProbability: Double,
    threshold: Double,
    sum: inout Double
  ) throws(BiostatisticsError) {
    guard column < columns.count - 1 else {
      visited += 1
      guard visited <= limit else {
        throw .outOfRange(parameter: "tables", value: Double(visited))
      }
      let value = rest.reduce(logProbability) { $0 - logFactorials[$1] }
      if value <= threshold { sum += exp(value) }
      return
    }
    let after = rest[(row + 1)...].reduce(0, +)
    let fewest = max(0, left - after)
    guard fewest <= min(left, rest[row]) else { return }
    for count in fewest...min(left, rest[row]) {
      var remaining = rest
      remaining[row] -= count
      let isLastRow = row == rows.count - 1
      try fill(
        column: isLastRow ? column + 1 : column,
        row: isLastRow ? 0 : row + 1,
        left: isLastRow ? columns[column + 1] : left - count,
        rest: remaining,
        logProbability: logProbability - logFactorials[count],
        threshold: threshold,
        sum: &sum
      )
    }
  }
}

/// The 2 × 2 tables with given margins, weighted by an odds ratio.
private struct NoncentralTables {
  let support: ClosedRange<Int>
  private let logWeights: [Double]

  init(rows: [Int], columns: [Int]) {
    let factorials = LogFactorials.upTo(rows.reduce(0, +))
    support = max(0, rows[0] - columns[1])...min(rows[0], columns[0])
    logWeights = support.map { count in
      let cells = [count, rows[0] - count, columns[0] - count, columns[1] - rows[0] + count]
      return cells.reduce(0) { $0 - factorials[$1] }
    }
  }

  func oddsRatio(
    at count: Int,
    tail: Double
  ) throws(BiostatisticsError) -> FisherExactTest.OddsRatio? {
    guard support.lowerBound < support.upperBound else { return nil }
    let (isLowest, isHighest) = (count == support.lowerBound, count == support.upperBound)
    let mean = { (logRatio: Double) in sum(logRatio) { Double($0) } - Double(count) }
    let above = { (logRatio: Double) in sum(logRatio) { $0 >= count ? 1 : 0 } - tail }
    let below = { (logRatio: Double) in tail - sum(logRatio) { $0 <= count ? 1 : 0 } }
    return FisherExactTest.OddsRatio(
      estimate: isHighest ? nil : isLowest ? 0 : exp(try root(mean)),
      low: isLowest ? 0 : exp(try root(above)),
      high: isHighest ? nil : exp(try root(below))
    )
  }

  /// The expectation of a function of the first cell.
  private func sum(_ logRatio: Double, _ value: (Int) -> Double) -> Double {
    let terms = zip(support, logWeights).map { Double($0) * logRatio + $1 }
    let largest = terms.max() ?? 0
    var (top, bottom) = (0.0, 0.0)
    for (count, term) in zip(support, terms) {
      let weight = exp(term - largest)
      top += weight * value(count)
      bottom += weight
    }
    return top / bottom
  }

  /// The root of an increasing function of the log odds ratio.
  private func root(_ function: (Double) -> Double) throws(BiostatisticsError) -> Double {
    var reach = 1.0
    for _ in 0..<12 where function(-reach) > 0 || function(reach) < 0 { reach *= 2 }
    return try RootFinding.root(low: -reach, high: reach, tolerance: 1e-14, of: function)
  }
}

/// Logarithms of factorials.
enum LogFactorials {
  /// log 0! … log n!.
  static func upTo(_ count: Int) -> [Double] {
    var result = [0.0]
    result.reserveCapacity(count + 1)
    var sum = 0.0
    var lost = 0.0
    // Compensated, so that a million terms keep full precision.
    for number in stride(from: 1, through: count, by: 1) {
      let term = log(Double(number)) - lost
      let next = sum + term
      lost = (next - sum) - term
      sum = next
      result.append(sum)
    }
    return result
  }
}
