// SPDX-License-Identifier: Apache-2.0

/// A point estimate with its standard error, on a scale where it is nearly normal.
public struct Estimate: Equatable, Hashable, Codable, Sendable {
  /// The point estimate.
  public let value: Double
  /// The standard error, at least 0.
  public let standardError: Double

  /// Makes an estimate.
  public init(value: Double, standardError: Double) {
    self.value = value
    self.standardError = standardError
  }

  /// The square of the standard error.
  public var variance: Double { standardError * standardError }

  /// The normal-theory limits: value ± z × standard error.
  ///
  /// - Parameter confidence: Confidence level, in (0, 1).
  /// - Returns: The limits around `value`.
  /// - Throws: `BiostatisticsError.outOfRange`.
  public func interval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let z = try Normal.criticalValue(confidence: confidence)
    return Interval(low: value - z * standardError, high: value + z * standardError)
  }

  /// The two-sided normal test of the hypothesis that the true value is `null`.
  public func test(against null: Double = 0) throws(BiostatisticsError) -> TestResult {
    guard standardError > 0 else { throw .zeroVariance("estimate") }
    let z = (value - null) / standardError
    return TestResult(statistic: z, degreesOfFreedom: nil, p: try Normal.twoSidedP(z))
  }
}
