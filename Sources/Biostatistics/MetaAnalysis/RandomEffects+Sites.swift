// SPDX-License-Identifier: Apache-2.0

extension RandomEffects {
  /// Total over typical variance within sites, H²; Q / (k − 1) for the fixed effect.
  public var heterogeneityRatio: Double {
    estimator == .fixedEffect
      ? heterogeneity.statistic / Double(count - 1) : 1 + betweenVariance / typicalVariance
  }

  /// The standard error of τ²; nil for the fixed effect.
  ///
  /// From the expected information at the estimate, or the moments of Q.
  /// Source: Viechtbauer, J Educ Behav Stat 2005;30:261–293, doi:10.3102/10769986030003261.
  public var betweenVarianceError: Double? {
    let pooled = WeightedMean(effects, betweenVariance: betweenVariance)
    let freedom = Double(count - 1)
    switch estimator {
    case .fixedEffect: return nil
    case .restrictedMaximumLikelihood: return (2 / pooled.traceOfSquare).squareRoot()
    case .maximumLikelihood:
      return (2 / pooled.weights.reduce(0) { $0 + $1 * $1 }).squareRoot()
    case .pauleMandel:
      return (2 * Double(count * count) / freedom).squareRoot() / pooled.totalWeight
    case .derSimonianLaird:
      let fixed = WeightedMean(effects, betweenVariance: 0)
      let variance =
        2 * freedom + 4 * betweenVariance * fixed.momentScale
        + 2 * betweenVariance * betweenVariance * fixed.traceOfSquare
      return variance.squareRoot() / fixed.momentScale
    }
  }

  /// The limits of I² that belong to those of τ², in [0, 1).
  ///
  /// - Throws: As `betweenVarianceInterval`.
  public func inconsistencyInterval(
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> Interval {
    let typical = typicalVariance
    return try betweenVarianceInterval(confidence: confidence).map { $0 / ($0 + typical) }
  }

  /// Each site's own effect, drawn towards the mean: best linear unbiased predictions.
  ///
  /// Source: Raudenbush & Bryk, J Educ Stat 1985;10:75–98, doi:10.3102/10769986010002075.
  public var sitePredictions: [Estimate] {
    effects.map { effect in
      let share = betweenVariance / (betweenVariance + effect.variance)
      let variance = share * effect.variance + (1 - share) * (1 - share) * mean.variance
      return Estimate(
        value: share * effect.value + (1 - share) * mean.value,
        standardError: variance.squareRoot()
      )
    }
  }

  /// Higgins and Thompson's typical variance within sites.
  private var typicalVariance: Double {
    Double(count - 1) / WeightedMean(effects, betweenVariance: 0).momentScale
  }
}
