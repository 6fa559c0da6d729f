// SPDX-License-Identifier: Apache-2.0

/// A logistic regression with a fixed squared penalty on the slopes, in the columns' own units.
///
/// Maximises l(b) − ½ penalty Σ b², the intercept left out of the sum. Scale columns first when
/// their units differ.
///
/// Source: le Cessie & van Houwelingen, Appl Stat 1992;41:191–201, doi:10.2307/2347628; degrees
/// of freedom: Gray, J Am Stat Assoc 1992;87:942–951, doi:10.2307/2290630.
public struct RidgeFit: Equatable, Sendable {
  /// The names of the terms, the intercept first (shape: p).
  public let terms: [String]
  /// The penalty on half the sum of squares.
  public let penalty: Double
  /// The estimates, the intercept first (shape: p).
  public let estimates: [Double]
  /// The log-likelihood at the estimates.
  public let logLikelihood: Double
  /// The log-likelihood minus the penalty.
  public let penalisedLogLikelihood: Double
  /// tr(I (I + P)⁻¹), the intercept included.
  public let effectiveDegreesOfFreedom: Double
  /// (I + P)⁻¹.
  public let inverseCurvature: SymmetricMatrix
  /// (I + P)⁻¹ I (I + P)⁻¹, the variance of the estimates about their mean.
  public let covariance: SymmetricMatrix

  /// Fits the regression.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - penalty: At least 0; at 0 this is maximum likelihood.
  ///   - options: Tolerance and limit.
  /// - Returns: The fit at full convergence.
  /// - Throws: `outOfRange`, `noEvents`, `noNonEvents`; at penalty 0 also `rankDeficient` and
  ///   `separated`; `notConverged`, or a refusal of malformed input.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Bool],
    penalty: Double,
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> RidgeFit {
    guard penalty >= 0, penalty.isFinite else {
      throw .outOfRange(parameter: "penalty", value: penalty)
    }
    let options = try options.checked()
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    guard penalty > 0 else {
      try problem.checkRank()
      let start = try problem.maximumLikelihood(options: options).coefficients
      return try newton(problem, penalty: 0, start: start, options: options)
    }
    let zeros = [Double](repeating: 0, count: problem.termCount)
    return try newton(problem, penalty: penalty, start: zeros, options: options)
  }

  /// Newton steps, halved while they do not improve.
  private static func newton(
    _ problem: LogisticProblem,
    penalty: Double,
    start: [Double],
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) -> RidgeFit {
    var point = RidgePoint(problem, start, penalty)
    for _ in 0..<options.maximumIterations {
      let factor = try Cholesky(point.curvature)
      let step = factor.solve(point.gradient)
      let decrement = zip(step, point.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      guard decrement.isFinite else { throw .notConverged(iterations: 0) }
      if decrement.squareRoot() <= options.tolerance {
        return RidgeFit(problem, point: point, penalty: penalty, inverse: factor.inverse())
      }
      var length = 1.0
      var next = point
      for _ in 0..<60 {
        next = RidgePoint(problem, zip(point.estimates, step).map { $0 + length * $1 }, penalty)
        if next.value >= point.value - 1e-12 * (1 + abs(point.value)) { break }
        length /= 2
      }
      point = next
    }
    throw .notConverged(iterations: options.maximumIterations)
  }

  private init(
    _ problem: LogisticProblem,
    point: RidgePoint,
    penalty: Double,
    inverse: SymmetricMatrix
  ) {
    terms = problem.terms
    self.penalty = penalty
    estimates = point.estimates
    logLikelihood = point.sums.logLikelihood
    penalisedLogLikelihood = point.value
    inverseCurvature = inverse
    let width = problem.termCount
    let information = point.sums.information
    var trace = 0.0
    var sandwich = SymmetricMatrix(dimension: width)
    for row in 0..<width {
      for column in 0..<width { trace += information[row, column] * inverse[row, column] }
      let right = (0..<width).map { k in
        (0..<width).reduce(0) { $0 + information[k, $1] * inverse[$1, row] }
      }
      for column in 0...row {
        sandwich[row, column] = (0..<width).reduce(0) { $0 + inverse[column, $1] * right[$1] }
      }
    }
    effectiveDegreesOfFreedom = trace
    covariance = sandwich
  }

  /// The predicted risks for the rows of another design with the same columns.
  ///
  /// - Throws: `columnsDiffer`.
  public func predict(_ design: DesignMatrix) throws(BiostatisticsError) -> [Double] {
    let expected = Array(terms.dropFirst())
    guard design.columnNames == expected else {
      throw .columnsDiffer(expected: expected, found: design.columnNames)
    }
    return (0..<design.rowCount).map { row in
      Logit.inverse(
        expected.indices.reduce(estimates[0]) { $0 + estimates[$1 + 1] * design[row, $1] }
      )
    }
  }
}

/// The penalised likelihood and its derivatives at one point.
private struct RidgePoint {
  let estimates: [Double]
  let sums: LikelihoodSums
  let value: Double
  let gradient: [Double]
  let curvature: SymmetricMatrix

  init(_ problem: LogisticProblem, _ estimates: [Double], _ penalty: Double) {
    self.estimates = estimates
    sums = problem.sums(at: estimates)
    value =
      sums.logLikelihood - estimates.dropFirst().reduce(0) { $0 + penalty * $1 * $1 / 2 }
    var gradient = sums.score
    var curvature = sums.information
    for term in estimates.indices.dropFirst() {
      gradient[term] -= penalty * estimates[term]
      curvature[term, term] += penalty
    }
    self.gradient = gradient
    self.curvature = curvature
  }
}
