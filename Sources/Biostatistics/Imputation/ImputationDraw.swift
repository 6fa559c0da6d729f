// SPDX-License-Identifier: Apache-2.0

/// One data set while its gaps are being filled.
struct ImputationDraw {
  /// The columns, gaps filled (shape: p × n).
  private(set) var values: [[Double]]
  /// The rows missing in each column.
  let missing: [[Int]]
  private let observed: [[Int]]
  private let columns: [ChainedImputation.Column]

  /// Starts from values drawn at random from those observed.
  init(
    columns: [ChainedImputation.Column],
    using generator: inout some RandomNumberGenerator
  ) {
    self.columns = columns
    missing = columns.map { column in
      column.values.indices.filter { column.values[$0] == nil }
    }
    observed = columns.map { column in
      column.values.indices.filter { column.values[$0] != nil }
    }
    var values: [[Double]] = []
    for column in columns {
      let known = column.values.compactMap { $0 }
      values.append(
        column.values.map { $0 ?? known[Int.random(in: 0..<known.count, using: &generator)] }
      )
    }
    self.values = values
  }

  /// Imputes one column from all others.
  mutating func fill(
    _ index: Int,
    using generator: inout some RandomNumberGenerator
  ) throws(BiostatisticsError) {
    let predictors = StandardisedPredictors(
      values.indices.filter { $0 != index }.map { values[$0] }
    )
    let known = observed[index].map { values[index][$0] }
    switch columns[index].method {
    case .logistic:
      let risks = try logisticRisks(index, predictors, known, using: &generator)
      for (row, risk) in zip(missing[index], risks) {
        values[index][row] = Double.random(in: 0..<1, using: &generator) < risk ? 1 : 0
      }
    case .linear:
      let line = try BayesianLine(predictors, rows: observed[index], y: known, using: &generator)
      for row in missing[index] {
        let noise = try Normal.draw(using: &generator) * line.deviation
        values[index][row] = predictors.product(row, line.drawn) + noise
      }
    case .predictiveMeanMatching(let donors):
      let line = try BayesianLine(predictors, rows: observed[index], y: known, using: &generator)
      let fitted = observed[index].map { predictors.product($0, line.mean) }
      let order = fitted.indices.sorted { fitted[$0] < fitted[$1] }
      let sorted = order.map { fitted[$0] }
      for row in missing[index] {
        let range = Self.nearest(donors, to: predictors.product(row, line.drawn), in: sorted)
        let donor = order[Int.random(in: range, using: &generator)]
        values[index][row] = known[donor]
      }
    }
  }

  /// The positions of the values nearest to a target, in rising values.
  private static func nearest(
    _ count: Int,
    to target: Double,
    in sorted: [Double]
  ) -> Range<Int> {
    var end = sorted.partitioningIndex { $0 >= target }
    var start = end
    while end - start < min(count, sorted.count) {
      let before = start > 0 ? target - sorted[start - 1] : .infinity
      let after = end < sorted.count ? sorted[end] - target : .infinity
      if end == sorted.count || (start > 0 && before <= after) { start -= 1 } else { end += 1 }
    }
    return start..<end
  }

  /// Risks of the missing rows from coefficients drawn about their estimates.
  private func logisticRisks(
    _ index: Int,
    _ predictors: StandardisedPredictors,
    _ known: [Double],
    using generator: inout some RandomNumberGenerator
  ) throws(BiostatisticsError) -> [Double] {
    let share = known.reduce(0, +) / Double(known.count)
    guard share > 0, share < 1 else { return missing[index].map { _ in share } }
    let design = try predictors.design(rows: observed[index])
    let (estimates, covariance) = try Self.logisticFit(design, outcomes: known.map { $0 == 1 })
    let drawn = try Normal.draw(about: estimates, covariance: covariance, using: &generator)
    return missing[index].map { row in
      Logit.inverse(predictors.product(row, drawn))
    }
  }

  /// Maximum likelihood, or Firth's where that does not exist.
  private static func logisticFit(
    _ design: DesignMatrix,
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> ([Double], SymmetricMatrix) {
    if let fit = try? LogisticFit.fit(design, outcomes: outcomes) {
      return (fit.estimates, fit.covariance)
    }
    if let fit = try? FirthFit.fit(design, outcomes: outcomes, limits: .wald) {
      return (fit.estimates, fit.covariance)
    }
    // Columns that depend on each other: the prevalence alone, with a column of zeros for each.
    let fit = try LogisticFit.fit(try DesignMatrix(rowCount: outcomes.count), outcomes: outcomes)
    var covariance = SymmetricMatrix(dimension: design.columnCount + 1)
    covariance[0, 0] = fit.covariance[0, 0]
    let zeros = [Double](repeating: 0, count: design.columnCount)
    return (fit.estimates + zeros, covariance)
  }
}

extension [Double] {
  /// The first position from which on the values of a rising array satisfy a condition.
  fileprivate func partitioningIndex(_ condition: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
