// SPDX-License-Identifier: Apache-2.0

/// The outcome of a test on Fisher's F distribution.
public struct FTestResult: Equatable, Hashable, Codable, Sendable {
  /// The ratio of variances.
  public let statistic: Double
  /// Degrees of freedom of the numerator.
  public let numerator: Double
  /// Degrees of freedom of the denominator.
  public let denominator: Double
  /// The p value, in [0, 1].
  public let p: Double
}

extension FRatio {
  /// The test of a ratio that is large under the alternative.
  func test(_ statistic: Double) throws(BiostatisticsError) -> FTestResult {
    FTestResult(
      statistic: statistic,
      numerator: numerator,
      denominator: denominator,
      p: try upperTail(max(0, statistic))
    )
  }
}
