// SPDX-License-Identifier: Apache-2.0

/// The restricted maximum-likelihood estimate of the variance between sites.
enum RestrictedLikelihood {
  /// Fisher scoring from the method of moments, kept at or above 0.
  static func betweenVariance(_ effects: [Estimate]) throws(BiostatisticsError) -> Double {
    let fixed = WeightedMean(effects, betweenVariance: 0)
    let freedom = Double(effects.count - 1)
    let unit = freedom / fixed.momentScale
    var current = max(0, (fixed.spread - freedom) / fixed.momentScale)
    for _ in 0..<10_000 {
      let step = scoringStep(effects, current)
      let next = max(0, current + step)
      let change = abs(next - current)
      current = next
      if change <= 1e-14 * (current + unit) { return current }
    }
    throw .notConverged(iterations: 10_000)
  }

  /// The score over the expected information at a variance.
  private static func scoringStep(_ effects: [Estimate], _ variance: Double) -> Double {
    let pooled = WeightedMean(effects, betweenVariance: variance)
    let squares = pooled.weights.reduce(0) { $0 + $1 * $1 }
    let cubes = pooled.weights.reduce(0) { $0 + $1 * $1 * $1 }
    let total = pooled.totalWeight
    let quadratic = zip(effects, pooled.weights).reduce(0) {
      $0 + $1.1 * $1.1 * ($1.0.value - pooled.mean) * ($1.0.value - pooled.mean)
    }
    let trace = total - squares / total
    let traceOfSquare = squares - 2 * cubes / total + (squares / total) * (squares / total)
    return (quadratic - trace) / traceOfSquare
  }
}
