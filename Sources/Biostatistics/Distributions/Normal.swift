// SPDX-License-Identifier: Apache-2.0

/// The standard normal distribution.
public enum Normal {
  /// The probability of a value at most `z`.
  public static func cumulative(_ z: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.normalTail(z, upper: false)
  }

  /// The probability of a value above `z`, exact in the far tail.
  public static func upperTail(_ z: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.normalTail(z, upper: true)
  }

  /// The value below which the given share lies; `probability` is in (0, 1).
  public static func quantile(_ probability: Double) throws(BiostatisticsError) -> Double {
    try BoostMath.normalQuantile(probability)
  }

  /// The two-sided p value of a z statistic.
  public static func twoSidedP(_ z: Double) throws(BiostatisticsError) -> Double {
    min(1, try 2 * upperTail(abs(z)))
  }

  /// The z that leaves (1 − confidence) / 2 in each tail: 1.959963984540054 at 0.95.
  public static func criticalValue(confidence: Double) throws(BiostatisticsError) -> Double {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    return try -quantile((1 - confidence) / 2)
  }
}
