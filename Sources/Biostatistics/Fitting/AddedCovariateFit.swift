// SPDX-License-Identifier: Apache-2.0

/// Firth's regression with an added covariate (FLAC): unbiased mean risk without giving up the
/// penalty's finite estimates.
///
/// Every row is repeated with and without the event, each with weight h/2 from Firth's fit; an
/// indicator tells these rows from the real ones, and all are fitted by maximum likelihood. Risks
/// are predicted with the indicator at 0, so mean risk and event rate agree.
///
/// Source: Puhr et al., Stat Med 2017;36:2302–2317, doi:10.1002/sim.7273.
public struct AddedCovariateFit: Equatable, Sendable {
  /// The names of the terms, the intercept first, the indicator left out.
  public let terms: [String]
  /// The estimates, the intercept first (shape: p).
  public let estimates: [Double]
  /// The coefficient of the indicator of added rows.
  public let indicator: Double
  /// The fitted risk of every real row (shape: n).
  public let fitted: [Double]

  /// Fits the regression.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - options: Tolerance and limit.
  /// - Returns: The fit at full convergence.
  /// - Throws: As `FirthFit.fit`.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Bool],
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> AddedCovariateFit {
    let options = try options.checked()
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    try problem.checkRank()
    let firth = try LikelihoodProfile(problem: problem, penalty: .jeffreys, options: options)
      .maximum
    let leverages = problem.leverages(firth)
    let count = problem.rowCount
    var values: [Double] = []
    values.reserveCapacity(3 * count * problem.termCount)
    for column in 0..<design.columnCount {
      for _ in 0..<3 { values.append(contentsOf: design.column(column)) }
    }
    values += [Double](repeating: 0, count: count) + [Double](repeating: 1, count: 2 * count)
    let halves = leverages.map { $0 / 2 }
    let augmented = LogisticProblem(
      terms: problem.terms + ["added"],
      values: values,
      outcomes: problem.outcomes + problem.outcomes + problem.outcomes.map { 1 - $0 },
      weights: [Double](repeating: 1, count: count) + halves + halves
    )
    let maximum = try augmented.maximise(
      penalty: .none,
      start: firth.coefficients + [0],
      options: options
    )
    let estimates = Array(maximum.coefficients.dropLast())
    return AddedCovariateFit(
      terms: problem.terms,
      estimates: estimates,
      indicator: maximum.coefficients[problem.termCount],
      fitted: problem.linearPredictor(estimates).map { Logit.inverse($0) }
    )
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

extension LogisticProblem {
  /// The leverage of every row, w xᵀ (XᵀWX)⁻¹ x, at a maximum (shape: n).
  func leverages(_ maximum: LikelihoodMaximum) -> [Double] {
    let predictor = linearPredictor(maximum.coefficients)
    let columns = (0..<termCount).map { column($0) }
    return predictor.indices.map { row in
      let weight = Logit.inverse(predictor[row]) * Logit.inverse(-predictor[row])
      let solved = maximum.factor.forward(columns.map { $0[row] })
      return weight * solved.reduce(0) { $0 + $1 * $1 }
    }
  }
}
