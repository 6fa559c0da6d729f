// SPDX-License-Identifier: Apache-2.0

/// The outcome of a significance test.
public struct TestResult: Equatable, Hashable, Codable, Sendable {
  /// The test statistic: z, t or chi-square as the test says.
  public let statistic: Double
  /// Degrees of freedom, nil for a normal statistic.
  public let degreesOfFreedom: Double?
  /// The p value, in [0, 1]; two-sided where sides exist.
  public let p: Double

  /// Makes a test result.
  public init(statistic: Double, degreesOfFreedom: Double?, p: Double) {
    self.statistic = statistic
    self.degreesOfFreedom = degreesOfFreedom
    self.p = p
  }
}
