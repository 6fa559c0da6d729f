// SPDX-License-Identifier: Apache-2.0

/// The calibration of a linear predictor by Newton's method on two numbers, without the general
/// fit's memory and safeguards; resampling needs it thousands of times.
///
/// It gives up, and the general fit decides, whenever convergence is not plain: steps that do
/// not shrink, predictors beyond ±12 as under separation, or a predictor nearly constant.
struct CalibrationLine {
  private let predictor: [Double]
  private let outcomes: [Double]
  private let weights: [Double]
  private let largest: Double

  init(predictor: [Double], outcomes: [Double], weights: [Double]) {
    self.predictor = predictor
    self.outcomes = outcomes
    self.weights = weights
    largest = predictor.reduce(0) { max($0, abs($1)) }
  }

  /// Intercept and slope; nil when the general fit must decide.
  func interceptAndSlope(tolerance: Double) -> (intercept: Double, slope: Double)? {
    var (intercept, slope) = (0.0, 1.0)
    var last = Double.infinity
    for _ in 0..<30 {
      let sums = sums(intercept: intercept, slope: slope)
      let determinant = sums.plain * sums.square - sums.cross * sums.cross
      guard determinant > 1e-8 * sums.plain * sums.square else { return nil }
      let first = (sums.square * sums.score - sums.cross * sums.scoreSlope) / determinant
      let second = (sums.plain * sums.scoreSlope - sums.cross * sums.score) / determinant
      let decrement = (first * sums.score + second * sums.scoreSlope).squareRoot()
      guard decrement < last, abs(first) + abs(second) * largest < 5 else { return nil }
      (intercept, slope) = (intercept + first, slope + second)
      // Steps square: after one of 1e-5 of a standard error, 1e-10 is left.
      if decrement <= max(tolerance, 1e-5) {
        return abs(intercept) + abs(slope) * largest <= 12 ? (intercept, slope) : nil
      }
      last = decrement
    }
    return nil
  }

  /// The intercept beside a slope of 1; nil when the general fit must decide.
  func interceptAlone(tolerance: Double) -> Double? {
    var intercept = 0.0
    var last = Double.infinity
    for _ in 0..<30 {
      let sums = sums(intercept: intercept, slope: 1)
      guard sums.plain > 0 else { return nil }
      let step = sums.score / sums.plain
      let decrement = abs(step) * sums.plain.squareRoot()
      guard decrement < last, abs(step) < 5 else { return nil }
      intercept += step
      if decrement <= max(tolerance, 1e-5) {
        return abs(intercept) + largest <= 12 ? intercept : nil
      }
      last = decrement
    }
    return nil
  }

  /// The score and the information at one line.
  private struct Sums {
    var score = 0.0
    var scoreSlope = 0.0
    var plain = 0.0
    var cross = 0.0
    var square = 0.0
  }

  /// The sums of four rows at a time.
  ///
  /// Its own type rather than captured variables, whose every use in a closure is checked for
  /// exclusive access.
  private struct LaneSums {
    private var score = Lanes(repeating: 0)
    private var scoreSlope = Lanes(repeating: 0)
    private var plain = Lanes(repeating: 0)
    private var cross = Lanes(repeating: 0)
    private var square = Lanes(repeating: 0)

    @inline(__always)
    mutating func add(_ parts: LogisticLanes, _ line: Lanes) {
      score += parts.residual
      scoreSlope += parts.residual * line
      plain += parts.information
      let product = parts.information * line
      cross += product
      square += product * line
    }

    var total: Sums {
      Sums(
        score: score.sum(),
        scoreSlope: scoreSlope.sum(),
        plain: plain.sum(),
        cross: cross.sum(),
        square: square.sum()
      )
    }
  }

  private func sums(intercept: Double, slope: Double) -> Sums {
    predictor.withUnsafeBufferPointer { predictor in
      outcomes.withUnsafeBufferPointer { outcomes in
        weights.withUnsafeBufferPointer { weights in
          guard let lines = predictor.baseAddress, let outcome = outcomes.baseAddress,
            let weight = weights.baseAddress
          else { return Sums() }
          let base = Lanes(repeating: intercept)
          var sums = LaneSums()
          var row = 0
          while row + 4 <= predictor.count {
            let line = lines.lanes(row)
            let parts = LogisticLanes(
              predictor: base + slope * line,
              outcome: outcome.lanes(row),
              weight: weight.lanes(row)
            )
            sums.add(parts, line)
            row += 4
          }
          while row < predictor.count {
            let line = Lanes(repeating: lines[row])
            let parts = LogisticLanes(
              predictor: base + slope * line,
              outcome: Lanes(repeating: outcome[row]),
              weight: Lanes(weight[row], 0, 0, 0)
            )
            sums.add(parts, line)
            row += 1
          }
          return sums.total
        }
      }
    }
  }
}
