// SPDX-License-Identifier: Apache-2.0

/// Sample quantiles.
public enum Quantile {
  /// The quantile of type 7: linear between order statistics, at position (n − 1) p.
  ///
  /// Source: Hyndman & Fan, Am Stat 1996;50:361–365, doi:10.1080/00031305.1996.10473566.
  ///
  /// - Parameters:
  ///   - values: A sample in any order (shape: n), finite.
  ///   - probability: The share below the quantile, in [0, 1].
  /// - Returns: The quantile, between the smallest and the largest value.
  /// - Throws: `emptyInput`, `notFinite` or `outOfRange`.
  public static func type7(
    _ values: [Double],
    _ probability: Double
  ) throws(BiostatisticsError) -> Double {
    guard !values.isEmpty else { throw .emptyInput }
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "values", position: position)
    }
    guard (0...1).contains(probability) else {
      throw .outOfRange(parameter: "probability", value: probability)
    }
    let sorted = values.sorted()
    let position = Double(sorted.count - 1) * probability
    // A position within rounding of an order statistic is that statistic.
    let nearest = position.rounded()
    if abs(position - nearest) < 4 * Double.ulpOfOne * max(1, position) {
      return sorted[Int(nearest)]
    }
    let lower = Int(position)
    return sorted[lower] + (position - Double(lower)) * (sorted[lower + 1] - sorted[lower])
  }

  /// The quantile of type 6: linear between order statistics, at position (n + 1) p, as SPSS and
  /// Minitab give it; the extremes beyond the first and the last.
  ///
  /// Source: Hyndman & Fan, Am Stat 1996;50:361–365, doi:10.1080/00031305.1996.10473566.
  ///
  /// - Parameters:
  ///   - values: A sample in any order (shape: n), finite.
  ///   - probability: The share below the quantile, in [0, 1].
  /// - Returns: The quantile, between the smallest and the largest value.
  /// - Throws: `emptyInput`, `notFinite` or `outOfRange`.
  public static func type6(
    _ values: [Double],
    _ probability: Double
  ) throws(BiostatisticsError) -> Double {
    guard !values.isEmpty else { throw .emptyInput }
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "values", position: position)
    }
    guard (0...1).contains(probability) else {
      throw .outOfRange(parameter: "probability", value: probability)
    }
    let sorted = values.sorted()
    let position = Double(sorted.count + 1) * probability
    let nearest = position.rounded()
    let isWhole = abs(position - nearest) < 4 * Double.ulpOfOne * max(1, position)
    let lower = isWhole ? Int(nearest) : Int(position)
    guard lower >= 1 else { return sorted[0] }
    guard lower < sorted.count else { return sorted[sorted.count - 1] }
    guard !isWhole else { return sorted[lower - 1] }
    let share = position - Double(lower)
    return (1 - share) * sorted[lower - 1] + share * sorted[lower]
  }

  /// The median.
  ///
  /// - Throws: `emptyInput` or `notFinite`.
  public static func median(_ values: [Double]) throws(BiostatisticsError) -> Double {
    try type7(values, 0.5)
  }
}
