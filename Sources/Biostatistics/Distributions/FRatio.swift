// SPDX-License-Identifier: Apache-2.0

/// Fisher's F distribution of a ratio of variances.
public struct FRatio: Equatable, Sendable {
  /// Degrees of freedom of the numerator, above 0.
  public let numerator: Double
  /// Degrees of freedom of the denominator, above 0.
  public let denominator: Double

  /// Makes the distribution; degrees of freedom need not be whole.
  public init(numerator: Double, denominator: Double) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The probability of a value at most `f`.
  public func cumulative(_ f: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.fTail(f, df: (numerator, denominator), upper: false)
  }

  /// The probability of a value above `f`.
  public func upperTail(_ f: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.fTail(f, df: (numerator, denominator), upper: true)
  }

  /// The value below which the given share lies; `probability` is in [0, 1).
  public func quantile(_ probability: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.fQuantile(probability, df: (numerator, denominator))
  }
}
