// SPDX-License-Identifier: Apache-2.0

/// DeLong's comparison of two areas under the curve.
///
/// Source: DeLong et al., Biometrics 1988;44:837–845, doi:10.2307/2531595.
public struct AUCComparison: Equatable, Sendable {
  /// The first area.
  public let first: AUC
  /// The second area.
  public let second: AUC
  /// The covariance of the two areas; 0 for different patients.
  public let covariance: Double
  /// The first minus the second area, with its standard error.
  public let difference: Estimate
  /// The two-sided test that the areas are equal.
  public let test: TestResult

  /// The limits of the difference.
  public func interval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    try difference.interval(confidence: confidence)
  }

  /// Compares two scores of the same patients: z = (A₁ − A₂) / √(V₁ + V₂ − 2 C).
  ///
  /// - Parameters:
  ///   - first: The first scores (shape: n).
  ///   - second: The second scores of the same patients (shape: n).
  ///   - outcomes: Observed events (shape: n).
  /// - Returns: Both areas, their difference and its test.
  /// - Throws: `zeroVariance` when the difference has none, `tooFew` with fewer than two cases
  ///   or controls, or a refusal of malformed input.
  public static func paired(
    _ first: [Double],
    _ second: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> AUCComparison {
    let one = try Placements(scores: first, outcomes: outcomes)
    let two = try Placements(scores: second, outcomes: outcomes)
    let variances = try variances(one.auc, two.auc)
    let covariance = one.covariance(with: two) ?? 0
    let total = variances.0 + variances.1 - 2 * covariance
    // Rounding leaves up to a few ulps where the true variance is 0.
    guard total > 1e-15 * (variances.0 + variances.1) else {
      throw .zeroVariance("difference of AUCs")
    }
    let difference = Estimate(
      value: one.auc.estimate - two.auc.estimate,
      standardError: total.squareRoot()
    )
    return AUCComparison(
      first: one.auc,
      second: two.auc,
      covariance: covariance,
      difference: difference,
      test: try difference.test()
    )
  }

  /// Compares the areas of two separate groups of patients, on t with Welch's degrees of freedom.
  ///
  /// The degrees of freedom are (V₁ + V₂)² / (V₁²/(n₁ − 1) + V₂²/(n₂ − 1)), with n the size of
  /// each group. `difference.test()` gives the usual normal test.
  ///
  /// - Throws: `zeroVariance` or `tooFew`.
  public static func unpaired(
    _ first: AUC,
    _ second: AUC
  ) throws(BiostatisticsError) -> AUCComparison {
    let (one, two) = try variances(first, second)
    guard one + two > 0 else { throw .zeroVariance("difference of AUCs") }
    let difference = Estimate(
      value: first.estimate - second.estimate,
      standardError: (one + two).squareRoot()
    )
    let statistic = difference.value / difference.standardError
    let spread =
      one * one / Double(first.caseCount + first.controlCount - 1)
      + two * two / Double(second.caseCount + second.controlCount - 1)
    let degreesOfFreedom = (one + two) * (one + two) / spread
    return AUCComparison(
      first: first,
      second: second,
      covariance: 0,
      difference: difference,
      test: TestResult(
        statistic: statistic,
        degreesOfFreedom: degreesOfFreedom,
        p: try StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedP(statistic)
      )
    )
  }

  private static func variances(
    _ first: AUC,
    _ second: AUC
  ) throws(BiostatisticsError) -> (Double, Double) {
    guard let one = first.variance, let two = second.variance else {
      let found = [first, second].map { min($0.caseCount, $0.controlCount) }.min() ?? 0
      throw .tooFew(what: "cases and controls", needed: 2, found: found)
    }
    return (one, two)
  }
}
