// SPDX-License-Identifier: Apache-2.0

/// Tests and limits from the profile of a (penalised) likelihood.
struct LikelihoodProfile {
  let problem: LogisticProblem
  let penalty: LikelihoodPenalty
  let options: CheckedLogisticOptions
  let maximum: LikelihoodMaximum
  private let standardErrors: [Double]
  private let criticalRoot: Double

  /// How far from the estimate a limit is sought, in standard errors.
  private static let reach = 200.0

  init(
    problem: LogisticProblem,
    penalty: LikelihoodPenalty,
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) {
    self.problem = problem
    self.penalty = penalty
    self.options = options
    switch penalty {
    case .none: maximum = try problem.maximumLikelihood(options: options)
    case .jeffreys:
      let start = [Double](repeating: 0, count: problem.termCount)
      maximum = try problem.maximise(penalty: .jeffreys, start: start, options: options)
    }
    standardErrors = maximum.factor.inverse().diagonal.map { $0.squareRoot() }
    // The square root of the chi-squared quantile with one degree of freedom is the normal one.
    criticalRoot = options.criticalValue
  }

  /// The row of one coefficient with its profile limits and likelihood-ratio p value.
  func coefficient(_ index: Int) throws(BiostatisticsError) -> Coefficient {
    let estimate = maximum.coefficients[index]
    let ratio = try signedRoot(index, at: 0, from: maximum.coefficients).root
    return Coefficient(
      term: problem.terms[index],
      estimate: estimate,
      standardError: standardErrors[index],
      z: estimate / standardErrors[index],
      p: try ChiSquared(degreesOfFreedom: 1).upperTail(ratio * ratio),
      low: try limit(index, direction: -1),
      high: try limit(index, direction: 1)
    )
  }

  /// The row of one coefficient with limits and p value from its standard error.
  func waldCoefficient(_ index: Int) throws(BiostatisticsError) -> Coefficient {
    try .wald(
      term: problem.terms[index],
      estimate: maximum.coefficients[index],
      standardError: standardErrors[index],
      criticalValue: options.criticalValue
    )
  }

  /// The limit on one side; nil when the profile never falls far enough within reach.
  func limit(_ index: Int, direction: Double) throws(BiostatisticsError) -> Double? {
    let estimate = maximum.coefficients[index]
    let unit = standardErrors[index]
    var inside = estimate
    var distance = criticalRoot
    var warm = maximum.coefficients
    while distance <= Self.reach {
      let outside = estimate + direction * distance * unit
      let evaluated = try signedRoot(index, at: outside, from: warm)
      if evaluated.root >= criticalRoot {
        return try RootFinding.root(
          low: inside,
          high: outside,
          tolerance: 1e-11 * unit
        ) { (value) throws(BiostatisticsError) in
          try signedRoot(index, at: value, from: evaluated.coefficients).root - criticalRoot
        }
      }
      warm = evaluated.coefficients
      inside = outside
      distance *= 1.5
    }
    return nil
  }

  /// Near its maximum the likelihood is flat: a remaining shift of 1e-7 standard errors lowers
  /// it by 5e-15, so the constrained maxima need no more.
  private var constrainedOptions: CheckedLogisticOptions {
    CheckedLogisticOptions(
      maximumIterations: options.maximumIterations,
      tolerance: max(options.tolerance, 1e-7),
      confidence: options.confidence,
      criticalValue: options.criticalValue
    )
  }

  /// The root of the likelihood-ratio statistic with one coefficient held at a value, which is
  /// nearly linear in that value.
  private func signedRoot(
    _ index: Int,
    at value: Double,
    from coefficients: [Double]
  ) throws(BiostatisticsError) -> (root: Double, coefficients: [Double]) {
    guard value != maximum.coefficients[index] else { return (0, coefficients) }
    var start = coefficients
    start[index] = value
    let constrained = try problem.maximise(
      penalty: penalty,
      fixed: [index],
      start: start,
      options: constrainedOptions
    )
    let drop = max(0, 2 * (maximum.logLikelihood - constrained.logLikelihood))
    return (drop.squareRoot(), constrained.coefficients)
  }
}
