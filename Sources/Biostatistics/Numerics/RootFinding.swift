// SPDX-License-Identifier: Apache-2.0

/// Bracketed roots of continuous functions.
enum RootFinding {
  /// The root between two points where the function has different signs, by Brent's method.
  ///
  /// Source: Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4.
  static func root(
    low: Double,
    high: Double,
    tolerance: Double = 1e-12,
    limit: Int = 200,
    of function: (Double) throws(BiostatisticsError) -> Double
  ) throws(BiostatisticsError) -> Double {
    var bracket = Bracket(best: high, opposite: low)
    bracket.atBest = try function(high)
    bracket.atOpposite = try function(low)
    guard bracket.atBest != 0 else { return high }
    guard bracket.atOpposite != 0 else { return low }
    guard (bracket.atBest < 0) != (bracket.atOpposite < 0) else {
      throw .notConverged(iterations: 0)
    }
    bracket.start()
    for _ in 0..<limit {
      bracket.order()
      let width = 2 * Double.ulpOfOne * abs(bracket.best) + tolerance / 2
      let half = (bracket.opposite - bracket.best) / 2
      if abs(half) <= width || bracket.atBest == 0 { return bracket.best }
      bracket.move(half: half, width: width)
      bracket.atBest = try function(bracket.best)
      bracket.keepSigns()
    }
    throw .notConverged(iterations: limit)
  }

  private struct Bracket {
    var best: Double
    var opposite: Double
    var previous = 0.0
    var atBest = 0.0
    var atOpposite = 0.0
    var atPrevious = 0.0
    var step = 0.0
    var stepBefore = 0.0

    init(best: Double, opposite: Double) {
      self.best = best
      self.opposite = opposite
    }

    mutating func start() {
      previous = opposite
      atPrevious = atOpposite
      step = best - opposite
      stepBefore = step
    }

    /// Makes the point with the smaller value the best one.
    mutating func order() {
      guard abs(atOpposite) < abs(atBest) else { return }
      previous = best
      atPrevious = atBest
      swap(&best, &opposite)
      swap(&atBest, &atOpposite)
    }

    /// Takes an interpolated step when it is safe, and bisects otherwise.
    mutating func move(half: Double, width: Double) {
      let interpolated = interpolation(half: half)
      let isSafe =
        abs(stepBefore) >= width && abs(atPrevious) > abs(atBest)
        && abs(interpolated) < min(1.5 * abs(half) - width / 2, abs(stepBefore) / 2)
        && (interpolated < 0) == (half < 0)
      stepBefore = isSafe ? step : half
      step = isSafe ? interpolated : half
      previous = best
      atPrevious = atBest
      best += abs(step) > width ? step : (half < 0 ? -width : width)
    }

    /// A secant step with two distinct points, an inverse quadratic one with three.
    private func interpolation(half: Double) -> Double {
      let ratio = atBest / atPrevious
      guard previous != opposite else { return 2 * half * ratio / (1 - ratio) }
      let q = atPrevious / atOpposite
      let r = atBest / atOpposite
      let numerator = ratio * (2 * half * q * (q - r) - (best - previous) * (r - 1))
      let denominator = (q - 1) * (r - 1) * (ratio - 1)
      guard denominator != 0 else { return 2 * half }
      return -numerator / denominator
    }

    /// Keeps best and opposite on the two sides of the root.
    mutating func keepSigns() {
      guard (atBest < 0) == (atOpposite < 0) else { return }
      opposite = previous
      atOpposite = atPrevious
      step = best - previous
      stepBefore = step
    }
  }
}
