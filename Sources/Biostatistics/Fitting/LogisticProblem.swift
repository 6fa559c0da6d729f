// SPDX-License-Identifier: Apache-2.0

/// The data of a logistic regression after its checks.
///
/// The columns are those of the design, in its memory; the intercept is implied. A problem can
/// be some ranges of the design's rows, so that leaving out a site copies nothing.
struct LogisticProblem: Sendable {
  /// The names of the columns, the intercept first (shape: p).
  let terms: [String]
  /// The columns without the intercept, column after column (shape: stride × (p − 1)).
  let values: [Double]
  /// The length of a column, rows outside the ranges included.
  let stride: Int
  /// The rows that belong to the problem, in order.
  let ranges: [Range<Int>]
  let rowCount: Int
  /// Outcomes 0 or 1 (shape: stride).
  let outcomes: [Double]
  /// Frequency weights (shape: stride); 1 when nil.
  let weights: [Double]?
  /// Terms with coefficient 1 (shape: stride); 0 when nil.
  let offset: [Double]?

  var termCount: Int { terms.count }

  init(
    design: DesignMatrix,
    outcomes: [Double],
    weights: [Double]?,
    offset: [Double]?
  ) throws(BiostatisticsError) {
    let count = design.rowCount
    try Self.check(outcomes: outcomes, weights: weights, offset: offset, count: count)
    terms = [Coefficient.interceptTerm] + design.columnNames
    if let name = design.columnNames.first(where: { $0 == Coefficient.interceptTerm }) {
      throw .duplicateColumn(name)
    }
    values = design.values
    stride = count
    ranges = [0..<count]
    rowCount = count
    self.outcomes = outcomes
    self.weights = weights
    self.offset = offset
  }

  /// A problem from parts that were checked before; no weight is negative.
  init(
    terms: [String],
    values: [Double],
    outcomes: [Double],
    weights: [Double]?,
    offset: [Double]? = nil,
    ranges: [Range<Int>]? = nil
  ) {
    self.terms = terms
    self.values = values
    stride = outcomes.count
    self.ranges = ranges ?? [0..<outcomes.count]
    rowCount = self.ranges.reduce(0) { $0 + $1.count }
    self.outcomes = outcomes
    self.weights = weights
    self.offset = offset
  }

  /// The same data, of these rows alone.
  func restricted(to ranges: [Range<Int>]) -> LogisticProblem {
    LogisticProblem(
      terms: terms,
      values: values,
      outcomes: outcomes,
      weights: weights,
      offset: offset,
      ranges: ranges
    )
  }

  private static func check(
    outcomes: [Double],
    weights: [Double]?,
    offset: [Double]?,
    count: Int
  ) throws(BiostatisticsError) {
    for found in [outcomes.count, weights?.count, offset?.count] {
      guard let found, found != count else { continue }
      throw .countsDiffer(expected: count, found: found)
    }
    if let position = outcomes.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw .outcomeNotBinary(position: position)
    }
    if let position = weights?.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw .weightNotPositive(position: position)
    }
    if let position = offset?.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "offset", position: position)
    }
    guard outcomes.contains(1) else { throw .noEvents(count: count) }
    guard outcomes.contains(0) else { throw .noNonEvents(count: count) }
  }
}

extension LogisticProblem {
  /// The total weight of events, and of all rows.
  var totals: (events: Double, all: Double) {
    var events = 0.0
    var all = 0.0
    for range in ranges {
      for row in range {
        let weight = weights?[row] ?? 1
        events += weight * outcomes[row]
        all += weight
      }
    }
    return (events, all)
  }

  /// The number of rows with the event and a weight above 0.
  var eventCount: Int {
    ranges.reduce(0) { sum, range in
      sum + range.reduce(0) { $0 + (outcomes[$1] == 1 && (weights?[$1] ?? 1) > 0 ? 1 : 0) }
    }
  }

  /// The values of one column, the intercept's first, in the rows of the problem with a weight
  /// above 0.
  func column(_ term: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(rowCount)
    for range in ranges {
      for row in range where (weights?[row] ?? 1) > 0 {
        result.append(term == 0 ? 1 : values[(term - 1) * stride + row])
      }
    }
    return result
  }

  /// The outcomes of the rows with a weight above 0.
  var countedOutcomes: [Double] {
    ranges.flatMap { range in
      range.filter { (weights?[$0] ?? 1) > 0 }.map { outcomes[$0] }
    }
  }

  /// Refuses columns that are linear combinations of others.
  ///
  /// The cross products decide when every column keeps a good share of its length beside the
  /// columns before it; the exact but slower projection decides in doubt.
  func checkRank() throws(BiostatisticsError) {
    guard !crossProducts().isClearlyPositiveDefinite else { return }
    let all = (0..<termCount).flatMap { column($0) }
    let count = all.count / termCount
    let dependent = ColumnRank.dependentColumns(all, rowCount: count)
    guard dependent.isEmpty else { throw .rankDeficient(columns: dependent.map { terms[$0] }) }
  }

  /// The largest absolute value of each column, the intercept's first (shape: p).
  func columnSizes() -> [Double] {
    (0..<termCount).map { term in
      guard term > 0 else { return 1 }
      return values.withUnsafeBufferPointer { values in
        let start = (term - 1) * stride
        return ranges.reduce(0) { size, range in
          var largest = Lanes(repeating: size)
          var row = range.lowerBound
          guard let base = values.baseAddress else { return size }
          while row + 4 <= range.upperBound {
            let found = (base + start).lanes(row)
            let absolute = found.replacing(with: -found, where: found .< 0)
            largest = largest.replacing(with: absolute, where: absolute .> largest)
            row += 4
          }
          var result = largest.max()
          while row < range.upperBound {
            result = max(result, abs(values[start + row]))
            row += 1
          }
          return result
        }
      }
    }
  }
}

extension SymmetricMatrix {
  /// Whether every pivot keeps at least 1e-8 of its diagonal value, far above rounding.
  var isClearlyPositiveDefinite: Bool {
    guard values.allSatisfy(\.isFinite) else { return false }
    var lower = values
    for row in 0..<dimension {
      for column in 0...row {
        var sum = self[row, column]
        for k in 0..<column {
          sum -= lower[row * dimension + k] * lower[column * dimension + k]
        }
        if row == column {
          guard sum > 1e-8 * self[row, row] else { return false }
          lower[row * dimension + row] = sum.squareRoot()
        } else {
          lower[row * dimension + column] = sum / lower[column * dimension + column]
        }
      }
    }
    return true
  }
}
