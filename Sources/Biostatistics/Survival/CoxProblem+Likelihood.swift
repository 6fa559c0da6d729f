// SPDX-License-Identifier: Apache-2.0

/// The maximum of a log partial likelihood, in units of standardised columns.
struct CoxMaximum: Sendable {
  let coefficients: [Double]
  let logLikelihood: Double
  let nullLogLikelihood: Double
  /// The score statistic at coefficients of 0.
  let scoreStatistic: Double
  /// The factor of the observed information.
  let factor: Cholesky
  let iterations: Int
}

extension CoxProblem {
  /// The log partial likelihood and its derivatives at one vector of coefficients.
  struct Point {
    let coefficients: [Double]
    let logLikelihood: Double
    let score: [Double]
    let information: SymmetricMatrix
  }

  /// Newton's method from 0, with steps halved while they do not improve.
  ///
  /// When the likelihood no longer rises but risks still move by whole units of log hazard, the
  /// maximum lies at infinity: Heinze & Schemper, Biometrics 2001;57:114–119,
  /// doi:10.1111/j.0006-341X.2001.00114.x.
  func maximise() throws(BiostatisticsError) -> CoxMaximum {
    let limit = 100
    var point = try evaluate([Double](repeating: 0, count: termCount))
    let null = point
    let statistic = try Cholesky(null.information).forward(null.score).reduce(0) { $0 + $1 * $1 }
    for iteration in 1...limit {
      guard let factor = try? Cholesky(point.information) else {
        guard iteration > 1 else { throw .notPositiveDefinite }
        throw monotone(point.coefficients)
      }
      let step = factor.solve(point.score)
      let decrement = zip(point.score, step).reduce(0) { $0 + $1.0 * $1.1 }
      let largest = linearPredictor(step).reduce(0) { max($0, abs($1)) }
      if decrement < 1e-5, largest > 0.5 { throw monotone(step) }
      // In units of standard errors; below the first limit a step would move rounding alone,
      // below the second the step, squared, is the error that remains.
      guard decrement.squareRoot() > 1e-11 else {
        return maximum(point, null: null, statistic, factor, iterations: iteration)
      }
      let isLast = decrement.squareRoot() <= 1e-7
      let next = advance(from: point, step: step, largest: largest)
      guard let next else {
        guard decrement.squareRoot() <= 1e-6 else { throw .notConverged(iterations: iteration) }
        return maximum(point, null: null, statistic, factor, iterations: iteration)
      }
      point = next
      if isLast {
        let factor = try Cholesky(point.information)
        return maximum(point, null: null, statistic, factor, iterations: iteration)
      }
    }
    throw .notConverged(iterations: limit)
  }

  private func maximum(
    _ point: Point,
    null: Point,
    _ statistic: Double,
    _ factor: Cholesky,
    iterations: Int
  ) -> CoxMaximum {
    CoxMaximum(
      coefficients: point.coefficients,
      logLikelihood: point.logLikelihood,
      nullLogLikelihood: null.logLikelihood,
      scoreStatistic: statistic,
      factor: factor,
      iterations: iterations
    )
  }

  /// The refusal that names the columns whose coefficients grow without limit.
  private func monotone(_ direction: [Double]) -> BiostatisticsError {
    let largest = direction.reduce(0) { max($0, abs($1)) }
    let columns = terms.indices.filter { abs(direction[$0]) > 0.1 * largest }
    return .separated(.quasiComplete, columns: columns.map { terms[$0] })
  }

  private func advance(from point: Point, step: [Double], largest: Double) -> Point? {
    var length = largest > 5 ? 5 / largest : 1
    let allowance = 1e-12 * (1 + abs(point.logLikelihood))
    for _ in 0..<40 {
      let trial = zip(point.coefficients, step).map { $0 + length * $1 }
      if let next = try? evaluate(trial), next.logLikelihood >= point.logLikelihood - allowance {
        return next
      }
      length /= 2
    }
    return nil
  }

  /// Σ βx in the order of time (shape: n).
  func linearPredictor(_ coefficients: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rowCount)
    columns.withUnsafeBufferPointer { columns in
      result.withUnsafeMutableBufferPointer { result in
        for (column, coefficient) in coefficients.enumerated() {
          let start = column * rowCount
          for row in 0..<rowCount { result[row] += coefficient * columns[start + row] }
        }
      }
    }
    return result
  }

  /// Σ βx in the order of the input (shape: n).
  func linearPredictorInInputOrder(_ coefficients: [Double]) -> [Double] {
    let sorted = linearPredictor(coefficients)
    var result = sorted
    for (position, row) in order.enumerated() { result[row] = sorted[position] }
    return result
  }

  /// The cumulative hazard of a patient at the means, at every distinct time.
  func cumulativeHazard(_ coefficients: [Double]) -> [CoxFit.HazardStep] {
    let sums = RiskSums(self, linearPredictor: linearPredictor(coefficients))
    let scale = exp(-sums.shift)
    var total = 0.0
    return moments.indices.map { index in
      total += sums.hazard[index] * scale
      return CoxFit.HazardStep(time: moments[index].time, cumulativeHazard: total)
    }
  }

  /// The likelihood and its derivatives.
  ///
  /// Every row has a weight w, its share of all risk sets, so that the score is Σ (event − w) x
  /// and the first half of the information Σ w x xᵀ: sums over rows that need no running matrix.
  /// The second half needs running sums of x only at the times of events.
  func evaluate(_ coefficients: [Double]) throws(BiostatisticsError) -> Point {
    let sums = RiskSums(self, linearPredictor: linearPredictor(coefficients))
    guard sums.logLikelihood.isFinite else { throw .notConverged(iterations: 0) }
    var information = WeightedProducts.compute(
      columns,
      rowCount: rowCount,
      weights: sums.rowWeights
    )
    sums.subtractMeans(self, from: &information)
    var residuals = sums.rowWeights
    for row in residuals.indices { residuals[row] = (isEvent[row] ? 1 : 0) - residuals[row] }
    return Point(
      coefficients: coefficients,
      logLikelihood: sums.logLikelihood,
      score: WeightedProducts.sums(columns, rowCount: rowCount, weights: residuals),
      information: information
    )
  }
}
