// SPDX-License-Identifier: Apache-2.0

/// Student's t distribution.
public struct StudentT: Equatable, Sendable {
  /// Degrees of freedom, above 0.
  public let degreesOfFreedom: Double

  /// Makes the distribution; degrees of freedom need not be whole.
  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// The probability of a value at most `t`.
  public func cumulative(_ t: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.studentTTail(t, df: degreesOfFreedom, upper: false)
  }

  /// The probability of a value above `t`, exact in the far tail.
  public func upperTail(_ t: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.studentTTail(t, df: degreesOfFreedom, upper: true)
  }

  /// The value below which the given share lies; `probability` is in (0, 1).
  public func quantile(_ probability: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.studentTQuantile(probability, df: degreesOfFreedom)
  }

  /// The two-sided p value of a t statistic.
  public func twoSidedP(_ t: Double) throws(BiostatisticsError) -> Double {
    min(1, try 2 * upperTail(abs(t)))
  }

  /// The t that leaves (1 − confidence) / 2 in each tail.
  public func criticalValue(confidence: Double) throws(BiostatisticsError) -> Double {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    return try -quantile((1 - confidence) / 2)
  }
}
