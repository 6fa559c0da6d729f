// SPDX-License-Identifier: Apache-2.0

/// Tests and limits from the profile of a (penalised) likelihood.
struct LikelihoodProfile {
  let problem: LogisticProblem
  let penalty: LikelihoodPenalty
  let options: CheckedLogisticOptions
  let maximum: LikelihoodMaximum
  let covariance: SymmetricMatrix
  let standardErrors: [Double]
  let criticalRoot: Double

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
      let start = problem.startingValues(options: options)
      maximum = try problem.maximise(penalty: .jeffreys, start: start, options: options)
    }
    covariance = maximum.factor.inverse()
    standardErrors = covariance.diagonal.map { $0.squareRoot() }
    // The square root of the chi-squared quantile with one degree of freedom is the normal one.
    criticalRoot = options.criticalValue
  }

  /// The row of one coefficient with its profile limits and likelihood-ratio p value.
  func coefficient(_ index: Int) throws(BiostatisticsError) -> Coefficient {
    let estimate = maximum.coefficients[index]
    let curve = ProfileCurve(self, index)
    let ratio = try ratioAtZero(index, curve)
    return Coefficient(
      term: problem.terms[index],
      estimate: estimate,
      standardError: standardErrors[index],
      z: estimate / standardErrors[index],
      p: try ChiSquared(degreesOfFreedom: 1).upperTail(ratio * ratio),
      low: try limit(index, direction: -1, curve),
      high: try limit(index, direction: 1, curve)
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

  /// The root of the likelihood-ratio statistic of the hypothesis that a coefficient is 0.
  private func ratioAtZero(
    _ index: Int,
    _ curve: ProfileCurve
  ) throws(BiostatisticsError) -> Double {
    let distance = -maximum.coefficients[index]
    guard abs(distance) <= 8 * standardErrors[index] else {
      return try signedRoot(index, at: 0, from: maximum.coefficients).root
    }
    do throws(BiostatisticsError) {
      return try signedRoot(index, at: 0, start: curve.point(at: distance)).root
    } catch {
      return try signedRoot(index, at: 0, from: maximum.coefficients).root
    }
  }

  /// The limit on one side, by the curve where its steps settle, else by bracketing.
  private func limit(
    _ index: Int,
    direction: Double,
    _ curve: ProfileCurve
  ) throws(BiostatisticsError) -> Double? {
    if let found = curve.limit(direction: direction) { return found }
    return try limit(index, direction: direction)
  }

  /// The limit on one side; nil when the profile never falls far enough within reach.
  func limit(_ index: Int, direction: Double) throws(BiostatisticsError) -> Double? {
    let estimate = maximum.coefficients[index]
    let unit = standardErrors[index]
    var inside = estimate
    var warm = maximum.coefficients
    var stride = criticalRoot * unit
    var failures = 0
    while abs(inside - estimate) <= Self.reach * unit {
      let outside = inside + direction * stride
      let evaluated: (root: Double, coefficients: [Double])
      do throws(BiostatisticsError) {
        evaluated = try signedRoot(index, at: outside, from: warm)
      } catch {
        // Far out the information is nearly singular: the limit may lie nearer.
        failures += 1
        stride /= 3
        guard failures <= 8 else { throw error }
        continue
      }
      guard evaluated.root < criticalRoot else {
        return try root(index, between: inside, and: outside, from: evaluated.coefficients)
      }
      warm = evaluated.coefficients
      inside = outside
      if failures == 0 { stride *= 1.5 }
    }
    return nil
  }

  private func root(
    _ index: Int,
    between inside: Double,
    and outside: Double,
    from coefficients: [Double]
  ) throws(BiostatisticsError) -> Double {
    do throws(BiostatisticsError) {
      return try bracketedRoot(index, between: inside, and: outside, from: coefficients)
    } catch {
      // A penalised likelihood can have a second, lower hill on the far side.
      let top = maximum.coefficients
      return try bracketedRoot(index, between: top[index], and: outside, from: top)
    }
  }

  private func bracketedRoot(
    _ index: Int,
    between inside: Double,
    and outside: Double,
    from coefficients: [Double]
  ) throws(BiostatisticsError) -> Double {
    try RootFinding.root(
      low: inside,
      high: outside,
      tolerance: 1e-11 * standardErrors[index]
    ) { (value) throws(BiostatisticsError) in
      try signedRoot(index, at: value, from: coefficients).root - criticalRoot
    }
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
    // The other coefficients start where a quadratic likelihood would have them.
    let shift = (value - coefficients[index]) / covariance[index, index]
    let start = coefficients.indices.map { coefficients[$0] + covariance[$0, index] * shift }
    return try signedRoot(index, at: value, start: start)
  }

  private func signedRoot(
    _ index: Int,
    at value: Double,
    start: [Double]
  ) throws(BiostatisticsError) -> (root: Double, coefficients: [Double]) {
    var start = start
    start[index] = value
    let constrained = try problem.maximise(
      penalty: penalty,
      fixed: [index],
      start: start,
      options: constrainedOptions,
      predictedGain: 3e-5
    )
    let drop = max(0, 2 * (maximum.logLikelihood - constrained.logLikelihood))
    return (drop.squareRoot(), constrained.coefficients)
  }
}
