// SPDX-License-Identifier: Apache-2.0

/// A proportional-hazards regression fitted by partial likelihood.
///
/// Source: Cox, J R Stat Soc B 1972;34:187–220, doi:10.1111/j.2517-6161.1972.tb00899.x; ties:
/// Efron, J Am Stat Assoc 1977;72:557–565, doi:10.1080/01621459.1977.10480613; Breslow,
/// Biometrics 1974;30:89–99, doi:10.2307/2529620.
public struct CoxFit: Equatable, Sendable {
  /// How events at the same time enter the likelihood.
  public enum Ties: String, Equatable, Hashable, Codable, Sendable {
    /// Efron's approximation, close to the exact average over orders.
    case efron
    /// Breslow's: every tied event against the whole risk set.
    case breslow
  }

  /// The cumulative hazard from one distinct time until before the next.
  public struct HazardStep: Equatable, Sendable {
    /// The time, in the unit of the input.
    public let time: Double
    /// The cumulative hazard at and after this time.
    public let cumulativeHazard: Double
  }

  /// The table of log hazard ratios with Wald limits and p values; there is no intercept.
  public let coefficients: [Coefficient]
  /// The inverse observed information, in the order of `coefficients`.
  public let covariance: SymmetricMatrix
  /// The log partial likelihood at the estimates.
  public let logLikelihood: Double
  /// The log partial likelihood of the model without predictors.
  public let nullLogLikelihood: Double
  /// The score test of all predictors together.
  public let scoreTest: TestResult
  /// Σ β (x − mean) for every row (shape: n).
  public let linearPredictor: [Double]
  /// The means of the columns (shape: p).
  public let means: [Double]
  /// The cumulative hazard at the means of the columns, at every distinct time.
  public let hazardAtMeans: [HazardStep]
  /// The number of rows.
  public let count: Int
  /// The number of events.
  public let events: Int
  /// How ties entered the likelihood.
  public let ties: Ties
  /// Steps taken until convergence.
  public let iterations: Int

  /// The names of the terms.
  public var terms: [String] { coefficients.map(\.term) }
  /// The log hazard ratios.
  public var estimates: [Double] { coefficients.map(\.estimate) }
  /// The standard errors.
  public var standardErrors: [Double] { coefficients.map(\.standardError) }
}

extension CoxFit {
  /// Fits a proportional-hazards model.
  ///
  /// Times tie only when exactly equal; a patient censored at an event time is at risk there.
  /// Columns are centred and scaled inside, so their units do not matter.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p), complete, p at least 1.
  ///   - times: Follow-up times (shape: n), finite and not negative.
  ///   - events: Whether the time ends with the event (shape: n); otherwise it is censored.
  ///   - ties: How events at the same time enter the likelihood.
  ///   - confidence: The level of the limits, in (0, 1).
  /// - Returns: The fit at full convergence.
  /// - Throws: `noEvents`, `rankDeficient`, `separated` when a coefficient grows without limit,
  ///   `tooFew` without predictors, `notPositiveDefinite`, `notConverged`, or a refusal of
  ///   malformed input.
  public static func fit(
    _ design: DesignMatrix,
    times: [Double],
    events: [Bool],
    ties: Ties = .efron,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> CoxFit {
    let critical = try Normal.criticalValue(confidence: confidence)
    let problem = try CoxProblem(design: design, times: times, events: events, ties: ties)
    let maximum = try problem.maximise()
    return try CoxFit(problem: problem, maximum: maximum, critical: critical)
  }

  private init(
    problem: CoxProblem,
    maximum: CoxMaximum,
    critical: Double
  ) throws(BiostatisticsError) {
    let inverse = maximum.factor.inverse()
    let scales = problem.scales
    var covariance = SymmetricMatrix(dimension: scales.count)
    var rows: [Coefficient] = []
    for row in scales.indices {
      for column in 0...row {
        covariance[row, column] = inverse[row, column] / scales[row] / scales[column]
      }
      let estimate = maximum.coefficients[row] / scales[row]
      let error = inverse[row, row].squareRoot() / scales[row]
      guard estimate.isFinite, error.isFinite, error > 0 else {
        throw .outOfRange(parameter: problem.terms[row], value: scales[row])
      }
      rows.append(
        try .wald(
          term: problem.terms[row],
          estimate: estimate,
          standardError: error,
          criticalValue: critical
        )
      )
    }
    coefficients = rows
    self.covariance = covariance
    logLikelihood = maximum.logLikelihood
    nullLogLikelihood = maximum.nullLogLikelihood
    scoreTest = try ChiSquared(degreesOfFreedom: Double(scales.count))
      .test(maximum.scoreStatistic)
    linearPredictor = problem.linearPredictorInInputOrder(maximum.coefficients)
    means = problem.means
    hazardAtMeans = problem.cumulativeHazard(maximum.coefficients)
    count = problem.rowCount
    events = problem.eventCount
    ties = problem.ties
    iterations = maximum.iterations
  }

  /// The likelihood-ratio test of all predictors together.
  public func likelihoodRatioTest() throws(BiostatisticsError) -> TestResult {
    try ChiSquared(degreesOfFreedom: Double(coefficients.count))
      .test(2 * (logLikelihood - nullLogLikelihood))
  }

  /// The Wald test of all predictors together.
  public func waldTest() throws(BiostatisticsError) -> TestResult {
    let factor = try Cholesky(covariance)
    let statistic = factor.forward(estimates).reduce(0) { $0 + $1 * $1 }
    return try ChiSquared(degreesOfFreedom: Double(coefficients.count)).test(statistic)
  }

  /// The baseline cumulative hazard: that of a patient whose columns are all 0.
  ///
  /// - Throws: `outOfRange` when 0 is so far from the data that the hazard overflows.
  public func baselineHazard() throws(BiostatisticsError) -> [HazardStep] {
    let shift = zip(estimates, means).reduce(0) { $0 - $1.0 * $1.1 }
    let factor = exp(shift)
    guard factor.isFinite, factor > 0 else {
      throw .outOfRange(parameter: "baseline", value: shift)
    }
    return hazardAtMeans.map {
      HazardStep(time: $0.time, cumulativeHazard: $0.cumulativeHazard * factor)
    }
  }
}

extension Coefficient {
  /// e to the power of the estimate, in a proportional-hazards model.
  public var hazardRatio: Double { oddsRatio }
  /// The lower limit of the hazard ratio; nil when there is none.
  public var hazardRatioLow: Double? { oddsRatioLow }
  /// The upper limit of the hazard ratio; nil when there is none.
  public var hazardRatioHigh: Double? { oddsRatioHigh }
}
