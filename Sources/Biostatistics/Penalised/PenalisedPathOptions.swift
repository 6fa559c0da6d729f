// SPDX-License-Identifier: Apache-2.0

/// Settings of a path of penalised logistic regressions.
public struct PenalisedPathOptions: Equatable, Sendable {
  /// The share of the absolute penalty: 1 is the LASSO, 0 is ridge regression.
  public var mixing: Double
  /// The number of penalties, from the largest that matters down.
  public var penaltyCount: Int
  /// The smallest penalty over the largest; nil: 0.0001, or 0.01 with fewer rows than columns.
  public var smallestRatio: Double?
  /// The gain of the share of explained deviance below which the path ends; 0: never.
  ///
  /// glmnet's own setting is 1e-5.
  public var smallestGain: Double
  /// The largest last step of a standardised coefficient; the error that is left is its square.
  public var tolerance: Double

  /// Makes options.
  public init(
    mixing: Double = 1,
    penaltyCount: Int = 100,
    smallestRatio: Double? = nil,
    smallestGain: Double = 0,
    tolerance: Double = 1e-4
  ) {
    self.mixing = mixing
    self.penaltyCount = penaltyCount
    self.smallestRatio = smallestRatio
    self.smallestGain = smallestGain
    self.tolerance = tolerance
  }

  func check() throws(BiostatisticsError) {
    guard (0...1).contains(mixing) else { throw .outOfRange(parameter: "mixing", value: mixing) }
    guard (2...10_000).contains(penaltyCount) else {
      throw .outOfRange(parameter: "penaltyCount", value: Double(penaltyCount))
    }
    if let smallestRatio, !(smallestRatio > 0 && smallestRatio < 1) {
      throw .outOfRange(parameter: "smallestRatio", value: smallestRatio)
    }
    guard smallestGain >= 0, smallestGain < 1 else {
      throw .outOfRange(parameter: "smallestGain", value: smallestGain)
    }
    guard tolerance >= 1e-10, tolerance <= 0.01 else {
      throw .outOfRange(parameter: "tolerance", value: tolerance)
    }
  }
}
