// SPDX-License-Identifier: Apache-2.0

/// The beta distribution on [0, 1].
public struct Beta: Equatable, Sendable {
  /// The first shape, above 0.
  public let alpha: Double
  /// The second shape, above 0.
  public let beta: Double

  /// Makes the distribution.
  public init(alpha: Double, beta: Double) {
    self.alpha = alpha
    self.beta = beta
  }

  /// The probability of a value at most `x`.
  public func cumulative(_ x: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.betaTail(x, shapes: (alpha, beta), upper: false)
  }

  /// The probability of a value above `x`.
  public func upperTail(_ x: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.betaTail(x, shapes: (alpha, beta), upper: true)
  }

  /// The value below which the given share lies; `probability` is in [0, 1].
  public func quantile(_ probability: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.betaQuantile(probability, shapes: (alpha, beta))
  }
}
