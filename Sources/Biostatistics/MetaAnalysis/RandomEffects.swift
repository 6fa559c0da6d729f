// SPDX-License-Identifier: Apache-2.0

/// A random-effects meta-analysis of estimates from several sites.
///
/// Effects belong on a scale where they are nearly normal: `AUC.logit()`, the calibration slope
/// itself, `ObservedToExpected.logarithm()`.
///
/// Source: DerSimonian & Laird, Control Clin Trials 1986;7:177–188,
/// doi:10.1016/0197-2456(86)90046-2; Viechtbauer, J Educ Behav Stat 2005;30:261–293,
/// doi:10.3102/10769986030003261.
public struct RandomEffects: Equatable, Sendable {
  /// How the variance between sites is estimated.
  public enum Estimator: String, Equatable, Hashable, Codable, Sendable {
    /// The method of moments of DerSimonian and Laird, truncated at 0.
    case derSimonianLaird
    /// Restricted maximum likelihood, truncated at 0.
    case restrictedMaximumLikelihood
    /// Maximum likelihood, truncated at 0; too small with few sites.
    case maximumLikelihood
    /// The variance at which the generalised Q equals its degrees of freedom, truncated at 0.
    ///
    /// Paule & Mandel, J Res Natl Bur Stand 1982;87:377–385, doi:10.6028/jres.087.022.
    case pauleMandel
    /// No variance between sites: the fixed-effect model.
    case fixedEffect
  }

  /// How the standard error of the mean is obtained.
  public enum Inference: String, Equatable, Hashable, Codable, Sendable {
    /// 1 / √Σw on the normal distribution.
    case normal
    /// Hartung and Knapp's, on t with k − 1 degrees of freedom; may be below `normal`.
    case hartungKnapp
    /// Hartung and Knapp's, but never below the standard error of `normal`.
    case hartungKnappNotBelowNormal
  }

  /// The effects that were pooled.
  public let effects: [Estimate]
  /// How the variance between sites was estimated.
  public let estimator: Estimator
  /// How the standard error of the mean was obtained.
  public let inference: Inference
  /// The mean effect and its standard error.
  public let mean: Estimate
  /// The variance between sites, τ².
  public let betweenVariance: Double
  /// Cochran's Q test of equal effects, k − 1 degrees of freedom.
  public let heterogeneity: TestResult
  /// The share of variance that is between sites, I², in [0, 1).
  public let inconsistency: Double
  /// The weight of each site, summing to 1.
  public let weights: [Double]

  /// The number of sites.
  public var count: Int { effects.count }
  /// The standard deviation between sites, τ.
  public var betweenDeviation: Double { betweenVariance.squareRoot() }
}

extension RandomEffects {
  /// Pools estimates.
  ///
  /// - Parameters:
  ///   - effects: One estimate for each site (shape: k), standard errors above 0.
  ///   - estimator: How the variance between sites is estimated.
  ///   - inference: How the standard error of the mean is obtained.
  /// - Returns: The pooled effect.
  /// - Throws: `tooFew` with fewer than two sites, `notFinite`, `zeroVariance` for a site with
  ///   standard error 0, or `notConverged`.
  public static func pool(
    _ effects: [Estimate],
    estimator: Estimator = .restrictedMaximumLikelihood,
    inference: Inference = .hartungKnapp
  ) throws(BiostatisticsError) -> RandomEffects {
    try check(effects)
    let fixed = WeightedMean(effects, betweenVariance: 0)
    let freedom = Double(effects.count - 1)
    // Effects or errors so far apart that sums over them overflow or cancel.
    guard fixed.mean.isFinite, fixed.spread.isFinite, fixed.momentScale.isNormal else {
      throw .outOfRange(parameter: "effects", value: fixed.momentScale)
    }
    let between: Double
    switch estimator {
    case .fixedEffect: between = 0
    case .derSimonianLaird: between = max(0, (fixed.spread - freedom) / fixed.momentScale)
    case .restrictedMaximumLikelihood:
      between = try BetweenVarianceLikelihood.restricted.maximum(effects)
    case .maximumLikelihood: between = try BetweenVarianceLikelihood.full.maximum(effects)
    case .pauleMandel: between = try betweenVariance(effects, whereSpreadIs: freedom)
    }
    let pooled = WeightedMean(effects, betweenVariance: between)
    guard pooled.mean.isFinite, pooled.standardError(inference).isFinite else {
      throw .outOfRange(parameter: "effects", value: between)
    }
    // Higgins and Thompson's "typical" variance within sites.
    let typical = freedom / fixed.momentScale
    let comparison =
      estimator == .fixedEffect ? (fixed.spread - freedom) / fixed.momentScale : between
    return RandomEffects(
      effects: effects,
      estimator: estimator,
      inference: inference,
      mean: Estimate(
        value: pooled.mean,
        standardError: pooled.standardError(inference)
      ),
      betweenVariance: between,
      heterogeneity: try ChiSquared(degreesOfFreedom: freedom).test(fixed.spread),
      inconsistency: max(0, comparison) / (max(0, comparison) + typical),
      weights: pooled.weights.map { $0 / pooled.totalWeight }
    )
  }

  /// The confidence limits of the mean.
  public func interval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let half = try criticalValue(confidence: confidence) * mean.standardError
    return Interval(low: mean.value - half, high: mean.value + half)
  }

  /// The two-sided test that the mean is `null`.
  public func test(against null: Double = 0) throws(BiostatisticsError) -> TestResult {
    guard mean.standardError > 0 else { throw .zeroVariance("pooled effects") }
    let statistic = (mean.value - null) / mean.standardError
    guard inference != .normal else {
      return TestResult(
        statistic: statistic,
        degreesOfFreedom: nil,
        p: try Normal.twoSidedP(statistic)
      )
    }
    let freedom = Double(count - 1)
    return TestResult(
      statistic: statistic,
      degreesOfFreedom: freedom,
      p: try StudentT(degreesOfFreedom: freedom).twoSidedP(statistic)
    )
  }

  private func criticalValue(confidence: Double) throws(BiostatisticsError) -> Double {
    switch inference {
    case .normal: try Normal.criticalValue(confidence: confidence)
    case .hartungKnapp, .hartungKnappNotBelowNormal:
      try StudentT(degreesOfFreedom: Double(count - 1)).criticalValue(confidence: confidence)
    }
  }

  static func check(_ effects: [Estimate]) throws(BiostatisticsError) {
    guard effects.count > 1 else { throw .tooFew(what: "sites", needed: 2, found: effects.count) }
    for (position, effect) in effects.enumerated() {
      guard effect.value.isFinite, effect.standardError.isFinite else {
        throw .notFinite(input: "effects", position: position)
      }
      guard effect.standardError > 0 else { throw .zeroVariance("effect") }
    }
  }
}

extension RandomEffects {
  /// The degrees of freedom of a prediction interval.
  public enum PredictionConvention: String, Equatable, Hashable, Codable, Sendable {
    /// t with k − 2 degrees of freedom: Higgins et al., J R Stat Soc A 2009;172:137–159,
    /// doi:10.1111/j.1467-985X.2008.00552.x.
    case higgins
    /// The distribution of the mean's own limits: normal, or t with k − 1 degrees of freedom.
    case asMean
  }

  /// The limits within which the effect of a new site is expected, mean ± c √(τ² + se²).
  ///
  /// - Throws: `tooFew` with fewer than three sites under `higgins`.
  public func predictionInterval(
    _ convention: PredictionConvention = .higgins,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> Interval {
    let critical: Double
    switch convention {
    case .asMean: critical = try criticalValue(confidence: confidence)
    case .higgins:
      guard count > 2 else { throw .tooFew(what: "sites", needed: 3, found: count) }
      critical = try StudentT(degreesOfFreedom: Double(count - 2))
        .criticalValue(confidence: confidence)
    }
    let half = critical * (betweenVariance + mean.variance).squareRoot()
    return Interval(low: mean.value - half, high: mean.value + half)
  }

  /// The limits of τ² by inverting the generalised Q statistic; both may be 0.
  ///
  /// Source: Viechtbauer, Stat Med 2007;26:37–52, doi:10.1002/sim.2514.
  public func betweenVarianceInterval(
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> Interval {
    let distribution = ChiSquared(degreesOfFreedom: Double(count - 1))
    let tail = (1 - confidence) / 2
    return Interval(
      low: try Self.betweenVariance(effects, whereSpreadIs: distribution.quantile(1 - tail)),
      high: try Self.betweenVariance(effects, whereSpreadIs: distribution.quantile(tail))
    )
  }

  private static func betweenVariance(
    _ effects: [Estimate],
    whereSpreadIs target: Double
  ) throws(BiostatisticsError) -> Double {
    let excess = { WeightedMean(effects, betweenVariance: $0).spread - target }
    guard excess(0) > 0 else { return 0 }
    var high = max(1e-6, effects.map(\.variance).max() ?? 1)
    for _ in 0..<200 where excess(high) > 0 { high *= 2 }
    return try RootFinding.root(low: 0, high: high, of: excess)
  }
}
