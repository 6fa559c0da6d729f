// SPDX-License-Identifier: Apache-2.0

/// The clinical value of treating everyone whose predicted risk reaches a threshold.
///
/// Source: Vickers & Elkin, Med Decis Making 2006;26:565–574, doi:10.1177/0272989X06295361.
public struct NetBenefit: Equatable, Sendable {
  /// Threshold probability, dimensionless, in (0, 1).
  public let threshold: Double
  /// True positives per patient minus weighted false positives per patient, dimensionless.
  public let value: Double
}

extension NetBenefit {
  /// Computes the net benefit of a prediction rule at one threshold.
  ///
  /// A patient counts as positive when `risk >= threshold`.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities, one per patient (shape: n), each in [0, 1].
  ///   - outcomes: Observed events in the same order (shape: n).
  ///   - threshold: Threshold probability in (0, 1).
  /// - Returns: The net benefit at `threshold`, at most the event prevalence.
  /// - Throws: `countsDiffer`, `emptyInput`, `notFinite` or `outOfRange`, before any arithmetic.
  public static func measure(
    risks: [Double],
    outcomes: [Bool],
    threshold: Double
  ) throws(BiostatisticsError) -> NetBenefit {
    let point = try DecisionCurve.point(risks: risks, outcomes: outcomes, threshold: threshold)
    return NetBenefit(threshold: threshold, value: point.netBenefit)
  }
}
