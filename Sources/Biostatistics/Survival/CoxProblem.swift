// SPDX-License-Identifier: Apache-2.0

/// The data of a proportional-hazards regression after its checks, in the order of time.
struct CoxProblem: Sendable {
  /// The rows with one distinct time: a range of positions in the order of time.
  struct Moment {
    let time: Double
    let rows: Range<Int>
    let events: Int
  }

  let terms: [String]
  let ties: CoxFit.Ties
  let rowCount: Int
  let eventCount: Int
  /// Positions of the input rows, times rising.
  let order: [Int]
  let isEvent: [Bool]
  let moments: [Moment]
  /// Centred and scaled columns in the order of time, column after column (shape: n × p).
  let columns: [Double]
  let means: [Double]
  let scales: [Double]

  var termCount: Int { terms.count }

  init(
    design: DesignMatrix,
    times: [Double],
    events: [Bool],
    ties: CoxFit.Ties
  ) throws(BiostatisticsError) {
    guard times.count == design.rowCount else {
      throw .countsDiffer(expected: design.rowCount, found: times.count)
    }
    _ = try SurvivalTimes(times: times, events: events)
    guard design.columnCount > 0 else { throw .tooFew(what: "predictors", needed: 1, found: 0) }
    eventCount = events.count { $0 }
    guard eventCount > 0 else { throw .noEvents(count: times.count) }
    let order = TimeOrder.ascending(times)
    self.order = order
    isEvent = order.map { events[$0] }
    moments = Self.moments(order, times: times, events: events)
    terms = design.columnNames
    self.ties = ties
    rowCount = times.count
    var columns: [Double] = []
    columns.reserveCapacity(design.values.count)
    var means: [Double] = []
    var scales: [Double] = []
    for (index, term) in design.columnNames.enumerated() {
      let column = StandardisedColumn(design.column(index))
      guard column.scale > 0 else { throw .rankDeficient(columns: [term]) }
      guard column.scale.isFinite else {
        throw .outOfRange(parameter: term, value: column.scale)
      }
      means.append(column.mean)
      scales.append(column.scale)
      column.values.withUnsafeBufferPointer { values in
        for row in order { columns.append(values[row]) }
      }
    }
    self.columns = columns
    self.means = means
    self.scales = scales
    try checkRank()
  }

  private static func moments(_ order: [Int], times: [Double], events: [Bool]) -> [Moment] {
    var result: [Moment] = []
    var start = 0
    while start < order.count {
      let time = times[order[start]]
      var end = start
      var failed = 0
      while end < order.count, times[order[end]] == time {
        failed += events[order[end]] ? 1 : 0
        end += 1
      }
      result.append(Moment(time: time, rows: start..<end, events: failed))
      start = end
    }
    return result
  }

  /// Refuses columns that are linear combinations of others.
  ///
  /// The correlation matrix decides the clear cases; only near ones are worth projections.
  private func checkRank() throws(BiostatisticsError) {
    let weight = [Double](repeating: 1 / Double(rowCount), count: rowCount)
    let correlations = WeightedProducts.compute(columns, rowCount: rowCount, weights: weight)
    if let factor = try? Cholesky(correlations),
      (0..<termCount).allSatisfy({ factor[$0, $0] > 1e-4 })
    {
      return
    }
    let dependent = ColumnRank.dependentColumns(columns, rowCount: rowCount)
    guard dependent.isEmpty else { throw .rankDeficient(columns: dependent.map { terms[$0] }) }
  }
}

/// A column moved to mean 0 and variance 1.
private struct StandardisedColumn {
  let values: [Double]
  let mean: Double
  /// The standard deviation, 0 for a constant column.
  let scale: Double

  init(_ column: ArraySlice<Double>) {
    // Sums of huge or tiny values are taken relative to the largest, so that none overflows.
    let largest = column.reduce(0) { max($0, abs($1)) }
    let unit = largest > 1e100 || largest < 1e-100 ? largest : 1
    guard unit > 0 else {
      (values, mean, scale) = (Array(column), 0, 0)
      return
    }
    let count = Double(column.count)
    let center = column.reduce(0) { $0 + $1 / unit } / count
    let variance = column.reduce(0) { $0 + ($1 / unit - center) * ($1 / unit - center) } / count
    let deviation = variance.squareRoot()
    mean = center * unit
    let isConstant = deviation <= 1e-13 * abs(center)
    scale = isConstant ? 0 : deviation * unit
    let divisor = isConstant ? 1 : deviation
    values = column.map { ($0 / unit - center) / divisor }
  }
}

/// Cross products of columns with a weight for each row.
enum WeightedProducts {
  /// Xᵀ diag(w) X for columns stored one after the other (shape: p × p).
  ///
  /// Rows go in blocks that stay in the cache while all pairs of columns are multiplied.
  static func compute(
    _ columns: [Double],
    rowCount: Int,
    weights: [Double]
  ) -> SymmetricMatrix {
    let width = rowCount == 0 ? 0 : columns.count / rowCount
    var result = SymmetricMatrix(dimension: width)
    let blockSize = 1024
    var weighted = [Double](repeating: 0, count: blockSize)
    columns.withUnsafeBufferPointer { all in
      weights.withUnsafeBufferPointer { weights in
        weighted.withUnsafeMutableBufferPointer { weighted in
          for start in stride(from: 0, to: rowCount, by: blockSize) {
            let count = min(blockSize, rowCount - start)
            for column in 0..<width {
              let from = column * rowCount + start
              for row in 0..<count { weighted[row] = weights[start + row] * all[from + row] }
              let left = UnsafeBufferPointer(weighted)
              for other in 0...column {
                result[column, other] += dot(left, all, other * rowCount + start, count: count)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Xᵀ w (shape: p).
  static func sums(_ columns: [Double], rowCount: Int, weights: [Double]) -> [Double] {
    columns.withUnsafeBufferPointer { all in
      weights.withUnsafeBufferPointer { weights in
        (0..<(rowCount == 0 ? 0 : columns.count / rowCount)).map {
          dot(weights, all, $0 * rowCount, count: rowCount)
        }
      }
    }
  }

  /// A dot product with four running sums, which the compiler can keep in vector registers.
  private static func dot(
    _ first: UnsafeBufferPointer<Double>,
    _ second: UnsafeBufferPointer<Double>,
    _ offset: Int,
    count: Int
  ) -> Double {
    var sums = SIMD4<Double>(repeating: 0)
    var index = 0
    while index + 4 <= count {
      let b = offset + index
      let left = SIMD4(first[index], first[index + 1], first[index + 2], first[index + 3])
      let right = SIMD4(second[b], second[b + 1], second[b + 2], second[b + 3])
      sums += left * right
      index += 4
    }
    var sum = sums.sum()
    while index < count {
      sum += first[index] * second[offset + index]
      index += 1
    }
    return sum
  }
}
