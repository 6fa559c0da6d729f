// SPDX-License-Identifier: Apache-2.0

/// The chi-squared distribution.
public struct ChiSquared: Equatable, Sendable {
  /// Degrees of freedom, above 0.
  public let degreesOfFreedom: Double

  /// Makes the distribution; degrees of freedom need not be whole.
  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// The probability of a value at most `x`; 0 for a negative `x`.
  public func cumulative(_ x: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.chiSquaredTail(max(0, x), df: degreesOfFreedom, upper: false)
  }

  /// The probability of a value above `x`; 1 for a negative `x`.
  public func upperTail(_ x: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.chiSquaredTail(max(0, x), df: degreesOfFreedom, upper: true)
  }

  /// The value below which the given share lies; `probability` is in [0, 1).
  public func quantile(_ probability: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.chiSquaredQuantile(probability, df: degreesOfFreedom)
  }

  /// The test of a chi-square statistic.
  func test(_ statistic: Double) throws(BiostatisticsError) -> TestResult {
    TestResult(
      statistic: statistic,
      degreesOfFreedom: degreesOfFreedom,
      p: try upperTail(statistic)
    )
  }
}
