// SPDX-License-Identifier: Apache-2.0

/// The mean of effects weighted by the inverse of their total variance.
struct WeightedMean {
  let weights: [Double]
  let totalWeight: Double
  let mean: Double
  /// Σ w (y − mean)²: Cochran's Q when the variance between sites is 0.
  let spread: Double

  init(_ effects: [Estimate], betweenVariance: Double) {
    weights = effects.map { 1 / ($0.variance + betweenVariance) }
    totalWeight = weights.reduce(0, +)
    let sum = zip(effects, weights).reduce(0) { $0 + $1.0.value * $1.1 }
    let mean = sum / totalWeight
    self.mean = mean
    spread = zip(effects, weights).reduce(0) {
      $0 + $1.1 * ($1.0.value - mean) * ($1.0.value - mean)
    }
  }

  /// Σw − Σw²/Σw, the scale of the method of moments.
  var momentScale: Double {
    totalWeight - weights.reduce(0) { $0 + $1 * $1 } / totalWeight
  }

  /// tr(PP), with P the weights after the mean is projected out.
  var traceOfSquare: Double {
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    let cubes = weights.reduce(0) { $0 + $1 * $1 * $1 }
    let share = squares / totalWeight
    return squares - 2 * cubes / totalWeight + share * share
  }

  func standardError(_ inference: RandomEffects.Inference) -> Double {
    let scale = spread / Double(weights.count - 1)
    switch inference {
    case .normal: return (1 / totalWeight).squareRoot()
    case .hartungKnapp: return (scale / totalWeight).squareRoot()
    case .hartungKnappNotBelowNormal: return (max(1, scale) / totalWeight).squareRoot()
    }
  }
}
