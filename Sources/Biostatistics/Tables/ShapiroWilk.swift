// SPDX-License-Identifier: Apache-2.0

/// The Shapiro–Wilk test that a sample comes from a normal distribution.
///
/// Source: Royston, Appl Stat 1995;44:547–551 (algorithm AS R94), doi:10.2307/2986146.
public enum ShapiroWilk {
  /// Tests a sample of 3 to 5,000 values.
  ///
  /// - Parameter values: The sample (shape: n), finite; ties are allowed.
  /// - Returns: W with its p value.
  /// - Throws: `tooFew`, `outOfRange` above 5,000 values, `notFinite`, or `zeroVariance` when all
  ///   values are equal.
  public static func test(_ values: [Double]) throws(BiostatisticsError) -> TestResult {
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "values", position: position)
    }
    guard values.count >= 3 else {
      throw .tooFew(what: "values", needed: 3, found: values.count)
    }
    guard values.count <= 5000 else {
      throw .outOfRange(parameter: "values", value: Double(values.count))
    }
    let sorted = values.sorted()
    let count = sorted.count
    let range = sorted[count - 1] / 2 - sorted[0] / 2
    guard range > 1e-19 * abs(sorted[0]), range > 0 else { throw .zeroVariance("values") }
    let weights = try weights(count)
    // 1 − W without cancellation, as a difference of root products.
    let scaled = sorted.map { $0 / range }
    let mean = scaled.reduce(0) { $0 + $1 / Double(count) }
    let center = weights.reduce(0, +) / Double(count)
    var (forWeights, forValues, both) = (0.0, 0.0, 0.0)
    for (weight, value) in zip(weights, scaled) {
      forWeights += (weight - center) * (weight - center)
      forValues += (value - mean) * (value - mean)
      both += (weight - center) * (value - mean)
    }
    let product = (forWeights * forValues).squareRoot()
    let rest = max(0, (product - both) * (product + both) / (forWeights * forValues))
    return TestResult(
      statistic: 1 - rest,
      degreesOfFreedom: nil,
      p: try p(rest: rest, count: count)
    )
  }

  /// Royston's approximate weights, rising and antisymmetric (shape: n).
  private static func weights(_ count: Int) throws(BiostatisticsError) -> [Double] {
    let half = count / 2
    var tail: [Double]
    if count == 3 {
      tail = [Double(0.5).squareRoot()]
    } else {
      var scores: [Double] = []
      for index in 1...half {
        scores.append(try Normal.quantile((Double(index) - 0.375) / (Double(count) + 0.25)))
      }
      let squares = 2 * scores.reduce(0) { $0 + $1 * $1 }
      let root = squares.squareRoot()
      let small = 1 / Double(count).squareRoot()
      let first =
        polynomial([0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056], small)
        - scores[0] / root
      if count > 5 {
        let second =
          polynomial([0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633], small)
          - scores[1] / root
        let left = squares - 2 * scores[0] * scores[0] - 2 * scores[1] * scores[1]
        let factor = (left / (1 - 2 * first * first - 2 * second * second)).squareRoot()
        tail = [first, second] + scores.dropFirst(2).map { -$0 / factor }
      } else {
        let left = squares - 2 * scores[0] * scores[0]
        let factor = (left / (1 - 2 * first * first)).squareRoot()
        tail = [first] + scores.dropFirst().map { -$0 / factor }
      }
    }
    return tail.map { -$0 } + (count % 2 == 1 ? [0] : []) + tail.reversed()
  }

  private static func p(rest: Double, count: Int) throws(BiostatisticsError) -> Double {
    let size = Double(count)
    guard count > 3 else {
      // 6/π (arcsin √W − arcsin √¾)
      let angle = (1 - rest).squareRoot().arcSine - Double(0.75).squareRoot().arcSine
      return min(1, max(0, 6 / Double.pi * angle))
    }
    guard rest > 0 else { return 1 }
    let logRest = log(rest)
    guard count <= 11 else {
      let logSize = log(size)
      let mean = polynomial([-1.5861, -0.31082, -0.083751, 0.0038915], logSize)
      let deviation = exp(polynomial([-0.4803, -0.082676, 0.0030302], logSize))
      return try Normal.upperTail((logRest - mean) / deviation)
    }
    let limit = polynomial([-2.273, 0.459], size)
    guard logRest < limit else { return 0 }
    let mean = polynomial([0.544, -0.39978, 0.025054, -6.714e-4], size)
    let deviation = exp(polynomial([1.3822, -0.77857, 0.062767, -0.0020322], size))
    return try Normal.upperTail((-log(limit - logRest) - mean) / deviation)
  }

  /// Σ cᵢ xⁱ.
  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }
}
