// SPDX-License-Identifier: Apache-2.0

/// A logistic regression fitted by maximum likelihood.
///
/// Source: McCullagh & Nelder, Generalized Linear Models, 2nd edition, 1989, chapter 4.
public struct LogisticFit: Equatable, Sendable {
  /// The table of coefficients, the intercept first, with Wald limits and p values.
  public let coefficients: [Coefficient]
  /// The inverse expected information, in the order of `coefficients`.
  public let covariance: SymmetricMatrix
  /// −2 × log-likelihood.
  public let deviance: Double
  /// The deviance of the model of an intercept and the offset alone.
  public let nullDeviance: Double
  /// The linear predictor of every row, offset included (shape: n).
  public let linearPredictor: [Double]
  /// The fitted risk of every row (shape: n).
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
  /// The log-likelihood.
  public var logLikelihood: Double { -deviance / 2 }
  /// Akaike's information criterion, deviance + 2 × terms.
  public var aic: Double { deviance + 2 * Double(coefficients.count) }
  /// The Bayesian information criterion, deviance + log n × terms.
  public var bic: Double { deviance + log(Double(count)) * Double(coefficients.count) }
}

extension LogisticFit {
  /// Fits a logistic regression with an intercept by maximum likelihood.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n).
  ///   - weights: Frequency weights above 0 (shape: n); 1 when nil.
  ///   - offset: Terms with coefficient 1 (shape: n); 0 when nil.
  ///   - options: Tolerance, limit and confidence level.
  /// - Returns: The fit at full convergence.
  /// - Throws: `noEvents`, `noNonEvents`, `rankDeficient`, `separated` with the columns at fault,
  ///   `notConverged`, or a refusal of malformed input.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Bool],
    weights: [Double]? = nil,
    offset: [Double]? = nil,
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> LogisticFit {
    try fit(
      design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: weights,
      offset: offset,
      options: options
    )
  }

  /// Fits a logistic regression to outcomes written as 0 and 1; see the fit to Boolean outcomes.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Double],
    weights: [Double]? = nil,
    offset: [Double]? = nil,
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> LogisticFit {
    let options = try options.checked()
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes,
      weights: weights,
      offset: offset
    )
    let maximum = try problem.maximumLikelihood(options: options)
    return try LogisticFit(
      problem: problem,
      maximum: maximum,
      nullDeviance: try problem.nullDeviance(options: options),
      options: options
    )
  }

  private init(
    problem: LogisticProblem,
    maximum: LikelihoodMaximum,
    nullDeviance: Double,
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) {
    covariance = maximum.factor.inverse()
    var rows: [Coefficient] = []
    for (index, term) in problem.terms.enumerated() {
      rows.append(
        try .wald(
          term: term,
          estimate: maximum.coefficients[index],
          standardError: covariance[index, index].squareRoot(),
          criticalValue: options.criticalValue
        )
      )
    }
    coefficients = rows
    deviance = -2 * maximum.logLikelihood
    self.nullDeviance = nullDeviance
    (linearPredictor, fitted) = problem.predictions(maximum.coefficients)
    count = problem.rowCount
    events = problem.eventCount
    iterations = maximum.iterations
  }

  /// The likelihood-ratio test of all predictors together.
  ///
  /// - Throws: `tooFew` when the model is an intercept alone.
  public func likelihoodRatioTest() throws(BiostatisticsError) -> TestResult {
    guard coefficients.count > 1 else { throw .tooFew(what: "predictors", needed: 1, found: 0) }
    return try ChiSquared(degreesOfFreedom: Double(coefficients.count - 1))
      .test(nullDeviance - deviance)
  }

  /// The predicted risks for the rows of another design with the same columns.
  ///
  /// - Throws: `columnsDiffer`.
  public func predict(_ design: DesignMatrix) throws(BiostatisticsError) -> [Double] {
    try LinearPredictor.compute(design, coefficients: coefficients).map { Logit.inverse($0) }
  }
}

/// The linear predictor of a fitted model on new rows.
public enum LinearPredictor {
  /// Intercept plus Σ βx for every row (shape: n).
  ///
  /// - Throws: `columnsDiffer` unless the columns are those of the fit, in order.
  public static func compute(
    _ design: DesignMatrix,
    coefficients: [Coefficient]
  ) throws(BiostatisticsError) -> [Double] {
    let expected = coefficients.dropFirst().map(\.term)
    guard design.columnNames == expected, let intercept = coefficients.first?.estimate else {
      throw .columnsDiffer(expected: expected, found: design.columnNames)
    }
    var result = [Double](repeating: intercept, count: design.rowCount)
    for (index, coefficient) in coefficients.dropFirst().enumerated() {
      for row in result.indices { result[row] += coefficient.estimate * design[row, index] }
    }
    return result
  }
}
