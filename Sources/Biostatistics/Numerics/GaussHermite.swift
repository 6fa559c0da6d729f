// SPDX-License-Identifier: Apache-2.0

/// Gauss–Hermite quadrature: ∫ f(x) e^(−x²) dx ≈ Σ w f(x).
///
/// Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 1964, 25.4.46.
struct GaussHermite {
  /// The roots of the Hermite polynomial, rising.
  let nodes: [Double]
  /// The weights, summing to √π.
  let weights: [Double]

  /// Finds the nodes by bracketing: roots of one degree lie between those of the degree below.
  init(count: Int) throws(BiostatisticsError) {
    guard (1...60).contains(count) else {
      throw .outOfRange(parameter: "points", value: Double(count))
    }
    var roots: [Double] = []
    for degree in 1...count {
      let bound = Double(2 * degree + 1).squareRoot()
      let ends = [-bound] + roots + [bound]
      var next: [Double] = []
      for index in 0..<degree {
        next.append(
          try RootFinding.root(low: ends[index], high: ends[index + 1], tolerance: 1e-15) {
            Self.polynomial(degree, at: $0)
          }
        )
      }
      // The roots are symmetric about 0, exactly so after this.
      roots = next.indices.map { (next[$0] - next[degree - 1 - $0]) / 2 }
    }
    nodes = roots
    weights = roots.map {
      let below = Self.polynomial(count - 1, at: $0)
      return 1 / (Double(count) * below * below)
    }
  }

  /// The orthonormal Hermite polynomial of a degree.
  private static func polynomial(_ degree: Int, at x: Double) -> Double {
    var (before, value) = (0.0, 1 / Double.pi.squareRoot().squareRoot())
    for k in 0..<degree {
      let next =
        x * (2 / Double(k + 1)).squareRoot() * value
        - (Double(k) / Double(k + 1)).squareRoot() * before
      (before, value) = (value, next)
    }
    return value
  }
}
