// SPDX-License-Identifier: Apache-2.0

/// The likelihood estimates of the variance between sites.
enum BetweenVarianceLikelihood {
  /// Restricted likelihood, which allows for the estimated mean.
  case restricted
  /// Full likelihood.
  case full

  /// Fisher scoring from the method of moments, kept at or above 0.
  func maximum(_ effects: [Estimate]) throws(BiostatisticsError) -> Double {
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
  private func scoringStep(_ effects: [Estimate], _ variance: Double) -> Double {
    let pooled = WeightedMean(effects, betweenVariance: variance)
    let quadratic = zip(effects, pooled.weights).reduce(0) {
      $0 + $1.1 * $1.1 * ($1.0.value - pooled.mean) * ($1.0.value - pooled.mean)
    }
    switch self {
    case .restricted: return (quadratic - pooled.momentScale) / pooled.traceOfSquare
    case .full:
      let squares = pooled.weights.reduce(0) { $0 + $1 * $1 }
      return (quadratic - pooled.totalWeight) / squares
    }
  }
}
