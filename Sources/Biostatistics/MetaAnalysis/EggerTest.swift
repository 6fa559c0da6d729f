// SPDX-License-Identifier: Apache-2.0

/// Egger's regression test of funnel asymmetry.
///
/// The slope of effects on their standard errors, weighted by inverse variances, on t with k − 2
/// degrees of freedom. Below about ten studies it has little power.
///
/// Source: Egger et al., BMJ 1997;315:629–634, doi:10.1136/bmj.315.7109.629.
public enum EggerTest {
  /// Tests the effects of several studies.
  ///
  /// - Parameter effects: One estimate for each study (shape: k), standard errors above 0.
  /// - Returns: t with its p value.
  /// - Throws: `tooFew` with fewer than three studies, `notFinite`, or `zeroVariance` when
  ///   standard errors are equal or the line fits without error.
  public static func test(_ effects: [Estimate]) throws(BiostatisticsError) -> TestResult {
    try RandomEffects.check(effects)
    guard effects.count > 2 else {
      throw .tooFew(what: "studies", needed: 3, found: effects.count)
    }
    let pooled = WeightedMean(effects, betweenVariance: 0)
    let errors = zip(effects, pooled.weights).reduce(0) { $0 + $1.0.standardError * $1.1 }
    let center = errors / pooled.totalWeight
    var (spread, product) = (0.0, 0.0)
    for (effect, weight) in zip(effects, pooled.weights) {
      let distance = effect.standardError - center
      spread += weight * distance * distance
      product += weight * distance * (effect.value - pooled.mean)
    }
    guard spread > 1e-12 * pooled.totalWeight * center * center else {
      throw .zeroVariance("standard errors")
    }
    let slope = product / spread
    let residual = max(0, pooled.spread - slope * product)
    let freedom = Double(effects.count - 2)
    guard residual > 1e-12 * pooled.spread else { throw .zeroVariance("effects") }
    let t = slope / (residual / freedom / spread).squareRoot()
    return TestResult(
      statistic: t,
      degreesOfFreedom: freedom,
      p: try StudentT(degreesOfFreedom: freedom).twoSidedP(t)
    )
  }
}
