// SPDX-License-Identifier: Apache-2.0

/// The limits of agreement of two methods on the same patients.
///
/// Source: Bland & Altman, Lancet 1986;327:307–310, doi:10.1016/S0140-6736(86)90837-8.
public struct BlandAltman: Equatable, Sendable {
  /// The mean of first minus second, with its standard error.
  public let bias: Estimate
  /// The standard deviation of the differences, divisor n − 1.
  public let deviation: Double
  /// Bias ± 1.96 deviations, the multiplier of the paper.
  public let limits: Interval

  /// Measures agreement on complete pairs.
  ///
  /// - Parameters:
  ///   - first: Readings of the first method (shape: n), finite.
  ///   - second: Readings of the second method for the same patients (shape: n), finite.
  /// - Returns: Bias and limits of agreement.
  /// - Throws: `countsDiffer`, `tooFew` with fewer than two patients, or `notFinite`.
  public static func measure(
    _ first: [Double],
    _ second: [Double]
  ) throws(BiostatisticsError) -> BlandAltman {
    guard first.count == second.count else {
      throw .countsDiffer(expected: first.count, found: second.count)
    }
    let sample = try Sample(zip(first, second).map { $0 - $1 }, name: "differences")
    let deviation = sample.variance.squareRoot()
    return BlandAltman(
      bias: Estimate(
        value: sample.mean,
        standardError: deviation / Double(first.count).squareRoot()
      ),
      deviation: deviation,
      limits: Interval(
        low: sample.mean - 1.96 * deviation,
        high: sample.mean + 1.96 * deviation
      )
    )
  }
}
