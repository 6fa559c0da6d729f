// SPDX-License-Identifier: Apache-2.0

/// Student's and Welch's tests that two means are equal.
///
/// Source: Student, Biometrika 1908;6:1–25, doi:10.2307/2331554; Welch, Biometrika
/// 1947;34:28–35, doi:10.1093/biomet/34.1-2.28.
public struct TTest: Equatable, Sendable {
  /// First mean minus second mean, with its standard error.
  public let difference: Estimate
  /// The two-sided t test of no difference.
  public let test: TestResult
  /// The confidence limits of the difference.
  public let limits: Interval
  /// The difference over the root of the mean of the two variances; nil for paired values.
  public let standardisedDifference: Double?

  /// Welch's test, with Satterthwaite's degrees of freedom: variances may differ.
  ///
  /// - Parameters:
  ///   - first: The first sample, at least two finite values.
  ///   - second: The second sample, at least two finite values.
  ///   - confidence: The level of the limits.
  /// - Returns: The difference with its test.
  /// - Throws: `tooFew`, `notFinite`, `outOfRange`, or `zeroVariance`.
  public static func welch(
    _ first: [Double],
    _ second: [Double],
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> TTest {
    let (one, two) = (try Sample(first, name: "values"), try Sample(second, name: "values"))
    let (a, b) = (one.variance / one.count, two.variance / two.count)
    guard a + b > 0 else { throw .zeroVariance("values") }
    let shares = (a / (a + b), b / (a + b))
    let freedom =
      1 / (shares.0 * shares.0 / (one.count - 1) + shares.1 * shares.1 / (two.count - 1))
    return try TTest(one, two, variance: a + b, freedom: freedom, confidence: confidence)
  }

  /// Student's test with the pooled variance.
  ///
  /// - Parameters:
  ///   - first: The first sample, at least two finite values.
  ///   - second: The second sample, at least two finite values.
  ///   - confidence: The level of the limits.
  /// - Returns: The difference with its test.
  /// - Throws: `tooFew`, `notFinite`, `outOfRange`, or `zeroVariance`.
  public static func pooled(
    _ first: [Double],
    _ second: [Double],
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> TTest {
    let (one, two) = (try Sample(first, name: "values"), try Sample(second, name: "values"))
    let freedom = one.count + two.count - 2
    let pooled = ((one.count - 1) * one.variance + (two.count - 1) * two.variance) / freedom
    let variance = pooled * (1 / one.count + 1 / two.count)
    return try TTest(one, two, variance: variance, freedom: freedom, confidence: confidence)
  }

  /// Student's test of paired values.
  ///
  /// - Parameters:
  ///   - first: The first value of each patient (shape: n), finite.
  ///   - second: The second value of each patient (shape: n), finite.
  ///   - confidence: The level of the limits.
  /// - Returns: The mean difference with its test.
  /// - Throws: `countsDiffer`, `tooFew`, `notFinite`, `outOfRange`, or `zeroVariance`.
  public static func paired(
    _ first: [Double],
    _ second: [Double],
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> TTest {
    guard first.count == second.count else {
      throw .countsDiffer(expected: first.count, found: second.count)
    }
    let sample = try Sample(zip(first, second).map { $0 - $1 }, name: "differences")
    return try TTest(
      difference: sample.mean,
      variance: sample.variance / sample.count,
      freedom: sample.count - 1,
      standardised: nil,
      confidence: confidence
    )
  }

  /// The two-sided F test that two normal samples have the same variance.
  ///
  /// - Returns: First variance over second variance with its test.
  /// - Throws: `tooFew`, `notFinite`, or `zeroVariance`.
  public static func varianceRatio(
    _ first: [Double],
    _ second: [Double]
  ) throws(BiostatisticsError) -> FTestResult {
    let (one, two) = (try Sample(first, name: "values"), try Sample(second, name: "values"))
    guard one.variance > 0, two.variance > 0 else { throw .zeroVariance("values") }
    let ratio = one.variance / two.variance
    let distribution = FRatio(numerator: one.count - 1, denominator: two.count - 1)
    let tail = min(try distribution.cumulative(ratio), try distribution.upperTail(ratio))
    return FTestResult(
      statistic: ratio,
      numerator: distribution.numerator,
      denominator: distribution.denominator,
      p: min(1, 2 * tail)
    )
  }

  private init(
    _ one: Sample,
    _ two: Sample,
    variance: Double,
    freedom: Double,
    confidence: Double
  ) throws(BiostatisticsError) {
    let mean = ((one.variance + two.variance) / 2).squareRoot()
    try self.init(
      difference: one.mean - two.mean,
      variance: variance,
      freedom: freedom,
      standardised: mean > 0 ? (one.mean - two.mean) / mean : nil,
      confidence: confidence
    )
  }

  private init(
    difference: Double,
    variance: Double,
    freedom: Double,
    standardised: Double?,
    confidence: Double
  ) throws(BiostatisticsError) {
    guard variance > 0 else { throw .zeroVariance("values") }
    let error = variance.squareRoot()
    let distribution = StudentT(degreesOfFreedom: freedom)
    let half = try distribution.criticalValue(confidence: confidence) * error
    let t = difference / error
    self.difference = Estimate(value: difference, standardError: error)
    test = TestResult(
      statistic: t,
      degreesOfFreedom: freedom,
      p: try distribution.twoSidedP(t)
    )
    limits = Interval(low: difference - half, high: difference + half)
    standardisedDifference = standardised
  }
}
