// SPDX-License-Identifier: Apache-2.0

/// A logistic regression with Firth's penalty, which is finite under separation.
///
/// Maximises l(β) + ½ log |XᵀWX|. Tests and limits are those of the profile penalised
/// likelihood, with the determinant of the full information throughout.
///
/// Source: Firth, Biometrika 1993;80:27–38, doi:10.1093/biomet/80.1.27; Heinze & Schemper,
/// Stat Med 2002;21:2409–2419, doi:10.1002/sim.1047.
public struct FirthFit: Equatable, Sendable {
  /// The table of coefficients, the intercept first, with profile limits and p values.
  public let coefficients: [Coefficient]
  /// The inverse expected information at the maximum, in the order of `coefficients`.
  public let covariance: SymmetricMatrix
  /// The penalised log-likelihood at the maximum.
  public let penalisedLogLikelihood: Double
  /// The penalised log-likelihood with every slope held at 0.
  public let nullPenalisedLogLikelihood: Double
  /// The log-likelihood at the maximum, without the penalty.
  public let logLikelihood: Double
  /// The intercept that makes mean predicted risk and event rate equal (FLIC).
  public let calibratedIntercept: Double
  /// The linear predictor of every row, offset included (shape: n).
  public let linearPredictor: [Double]
  /// The fitted risk of every row, not calibrated (shape: n).
  public let fitted: [Double]
  /// The number of rows.
  public let count: Int
  /// The number of rows with the event.
  public let events: Int
  /// Steps taken until convergence.
  public let iterations: Int

  /// The names of the terms, the intercept first.
  public var terms: [String] { coefficients.map(\.term) }
  /// The estimates, the intercept first.
  public var estimates: [Double] { coefficients.map(\.estimate) }
  /// The standard errors, the intercept first.
  public var standardErrors: [Double] { coefficients.map(\.standardError) }
  /// −2 × log-likelihood, without the penalty.
  public var deviance: Double { -2 * logLikelihood }
  /// Akaike's criterion from the log-likelihood without the penalty.
  public var aic: Double { deviance + 2 * Double(coefficients.count) }
}

extension FirthFit {
  /// How tests and limits of the coefficients are obtained.
  public enum Limits: String, Equatable, Hashable, Codable, Sendable {
    /// From the profile of the penalised likelihood: the method to report.
    case profile
    /// From the standard errors: much faster, for fits inside resampling.
    case wald
  }

  /// Fits a logistic regression with an intercept by Firth's penalised likelihood.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n).
  ///   - weights: Frequency weights above 0 (shape: n); 1 when nil.
  ///   - offset: Terms with coefficient 1 (shape: n); 0 when nil.
  ///   - limits: How tests and limits are obtained.
  ///   - options: Tolerance, limit and confidence level.
  /// - Returns: The fit at full convergence.
  /// - Throws: `noEvents`, `noNonEvents`, `rankDeficient`, `notConverged`, or a refusal of
  ///   malformed input.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Bool],
    weights: [Double]? = nil,
    offset: [Double]? = nil,
    limits: Limits = .profile,
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> FirthFit {
    try fit(
      design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: weights,
      offset: offset,
      limits: limits,
      options: options
    )
  }

  /// Fits Firth's regression to outcomes written as 0 and 1; see the fit to Boolean outcomes.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Double],
    weights: [Double]? = nil,
    offset: [Double]? = nil,
    limits: Limits = .profile,
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> FirthFit {
    let options = try options.checked()
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes,
      weights: weights,
      offset: offset
    )
    try problem.checkRank()
    let profile = try LikelihoodProfile(problem: problem, penalty: .jeffreys, options: options)
    return try FirthFit(problem: problem, profile: profile, limits: limits, options: options)
  }

  private init(
    problem: LogisticProblem,
    profile: LikelihoodProfile,
    limits: Limits,
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) {
    let maximum = profile.maximum
    covariance = maximum.factor.inverse()
    var rows: [Coefficient] = []
    for index in problem.terms.indices {
      switch limits {
      case .profile: rows.append(try profile.coefficient(index))
      case .wald: rows.append(try profile.waldCoefficient(index))
      }
    }
    coefficients = rows
    penalisedLogLikelihood = maximum.logLikelihood
    nullPenalisedLogLikelihood = try Self.nullPenalisedLogLikelihood(problem, options: options)
    (linearPredictor, fitted) = problem.predictions(maximum.coefficients)
    logLikelihood = maximum.logLikelihood - maximum.factor.logDeterminant / 2
    calibratedIntercept = try Self.calibratedIntercept(
      problem: problem,
      coefficients: maximum.coefficients,
      options: options
    )
    count = problem.rowCount
    events = problem.eventCount
    iterations = maximum.iterations
  }

  /// The maximum-likelihood intercept with the slopes as offset.
  ///
  /// Source: Puhr et al., Stat Med 2017;36:2302–2317, doi:10.1002/sim.7273.
  private static func calibratedIntercept(
    problem: LogisticProblem,
    coefficients: [Double],
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) -> Double {
    var slopes = coefficients
    slopes[0] = 0
    let predictor = problem.linearPredictor(slopes)
    let start = [coefficients[0]]
    return try problem.interceptAlone(offset: predictor)
      .maximise(penalty: .none, start: start, options: options)
      .coefficients[0]
  }

  /// The penalised log-likelihood with every slope held at 0, from the intercept of the event
  /// rate on.
  private static func nullPenalisedLogLikelihood(
    _ problem: LogisticProblem,
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) -> Double {
    var start = [Double](repeating: 0, count: problem.termCount)
    if problem.offset == nil {
      let (events, all) = problem.totals
      start[0] = Logit.of(events / all)
    }
    return try problem.maximise(
      penalty: .jeffreys,
      fixed: Set(1..<max(1, problem.termCount)),
      start: start,
      options: options
    ).logLikelihood
  }

  /// The penalised likelihood-ratio test of all predictors together.
  ///
  /// - Throws: `tooFew` when the model is an intercept alone.
  public func likelihoodRatioTest() throws(BiostatisticsError) -> TestResult {
    guard coefficients.count > 1 else { throw .tooFew(what: "predictors", needed: 1, found: 0) }
    return try ChiSquared(degreesOfFreedom: Double(coefficients.count - 1))
      .test(2 * (penalisedLogLikelihood - nullPenalisedLogLikelihood))
  }

  /// The predicted risks for the rows of another design with the same columns.
  ///
  /// - Parameters:
  ///   - design: The same columns in the same order.
  ///   - calibrated: Whether the calibrated intercept replaces the penalised one, so that the
  ///     risks are not drawn towards one half.
  /// - Returns: One risk for each row, in [0, 1].
  /// - Throws: `columnsDiffer`.
  public func predict(
    _ design: DesignMatrix,
    calibrated: Bool = true
  ) throws(BiostatisticsError) -> [Double] {
    let shift = calibrated ? calibratedIntercept - (estimates.first ?? 0) : 0
    return try LinearPredictor.compute(design, coefficients: coefficients)
      .map { Logit.inverse($0 + shift) }
  }
}
