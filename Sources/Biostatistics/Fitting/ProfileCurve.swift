// SPDX-License-Identifier: Apache-2.0

/// The constrained maxima of one coefficient near the maximum, to second order, and the limits
/// reached from there by Newton steps on all coefficients at once.
///
/// Source: Venzon & Moolgavkar, Appl Stat 1988;37:87–94, doi:10.2307/2347496.
struct ProfileCurve {
  private let profile: LikelihoodProfile
  private let index: Int
  /// The first-order direction, 1 at the coefficient itself.
  private let direction: [Double]
  /// The curvature of the path, 0 at the coefficient itself.
  private let bend: [Double]
  /// The third derivative of the profile.
  private let skew: Double
  private let variance: Double

  init(_ profile: LikelihoodProfile, _ index: Int) {
    self.profile = profile
    self.index = index
    let covariance = profile.covariance
    variance = covariance[index, index]
    let width = profile.maximum.coefficients.count
    let direction = (0..<width).map { covariance[$0, index] / covariance[index, index] }
    let third = profile.problem.thirdDerivative(
      at: profile.maximum.coefficients,
      along: direction
    )
    let pulled = profile.maximum.factor.solve(third)
    bend = (0..<width).map { pulled[index] * direction[$0] - pulled[$0] }
    skew = zip(third, direction).reduce(0) { $0 + $1.0 * $1.1 }
    self.direction = direction
  }

  /// The coefficients where one of them is a distance from its estimate.
  func point(at distance: Double) -> [Double] {
    profile.maximum.coefficients.indices.map {
      profile.maximum.coefficients[$0] + distance * direction[$0]
        + distance * distance / 2 * bend[$0]
    }
  }

  /// The limit on one side; nil when the steps do not settle on one.
  ///
  /// Each step solves the quadratic expansion for a fall by the critical amount with all other
  /// scores at 0. The last two steps tell how much the next would still move the limit.
  func limit(direction side: Double) -> Double? {
    let error = variance.squareRoot()
    let target =
      profile.maximum.logLikelihood - profile.criticalRoot * profile.criticalRoot / 2
    let estimate = profile.maximum.coefficients[index]
    var coefficients = point(at: startingDistance(side: side))
    var previous = 1.0
    for _ in 0..<25 {
      guard
        let point = try? profile.problem.evaluate(
          coefficients,
          penalty: profile.penalty,
          columnSizes: []
        ),
        let factor = try? Cholesky(point.stepInformation)
      else { return nil }
      let pulled = factor.solve(point.score)
      var unit = [Double](repeating: 0, count: coefficients.count)
      unit[index] = 1
      let freed = factor.solve(unit)
      let gain = zip(point.score, pulled).reduce(0) { $0 + $1.0 * $1.1 } / 2
      let square = 2 * (point.logLikelihood - target + gain) / freed[index]
      guard square >= 0 else { return nil }
      let multiplier = side * square.squareRoot()
      let step = zip(pulled, freed).map { $0 + multiplier * $1 }
      let size = zip(step, profile.standardErrors).reduce(0) { max($0, abs($1.0) / $1.1) }
      guard size.isFinite, size <= max(2 * previous, 1e-6) else { return nil }
      coefficients = zip(coefficients, step).map { $0 + $1 }
      if size <= 1e-10 || size * min(1, size / previous) <= 2e-9 {
        let limit = coefficients[index]
        return (limit - estimate) * side > 0.05 * error ? limit : nil
      }
      previous = size
    }
    return nil
  }

  /// Where the cubic expansion of the profile has fallen by the critical amount.
  private func startingDistance(side: Double) -> Double {
    let first = side * profile.criticalRoot * variance.squareRoot()
    var distance = first
    for _ in 0..<4 {
      let scale = 1 + distance * skew * variance / 3
      guard scale > 0.5, scale < 2 else { return first }
      distance = first / scale.squareRoot()
    }
    return distance
  }
}
