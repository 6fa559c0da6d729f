// SPDX-License-Identifier: Apache-2.0

/// Net benefit over a range of threshold probabilities.
///
/// Source: Vickers & Elkin, Med Decis Making 2006;26:565–574, doi:10.1177/0272989X06295361.
public enum DecisionCurve {
  /// One threshold of a decision curve.
  ///
  /// Treating nobody has net benefit 0 throughout.
  public struct Point: Equatable, Sendable {
    /// Threshold probability, in (0, 1).
    public let threshold: Double
    /// True positives per patient.
    public let truePositiveShare: Double
    /// False positives per patient.
    public let falsePositiveShare: Double
    /// The net benefit of the model.
    public let netBenefit: Double
    /// The net benefit of treating everybody.
    public let treatAll: Double
    /// The share of patients with the event.
    public let prevalence: Double

    /// The number of patients.
    public let count: Int

    /// The net benefit with its standard error, the curve's threshold taken as given.
    ///
    /// The net benefit is the mean over patients of 1 for a true positive, −odds for a false one
    /// and 0 else, so its variance is that of a mean. Risks are taken as given too: on the
    /// patients the model was fitted to, bootstrap instead.
    ///
    /// Source: Pfeiffer & Gail, Biom J 2020;62:764–776, doi:10.1002/bimj.201800240.
    public var netBenefitEstimate: Estimate {
      estimate(netBenefit, truePositiveShare, falsePositiveShare)
    }

    /// The net benefit over treating everybody, with the standard error of the paired difference.
    ///
    /// Patients who are called negative make the difference: 0 − 1 for a missed event, odds for
    /// one spared.
    public var advantageOverTreatAll: Estimate {
      let missed = prevalence - truePositiveShare
      let spared = 1 - prevalence - falsePositiveShare
      return estimate(netBenefit - treatAll, missed, spared)
    }

    /// A mean of 1 in one share of patients and of the odds, opposite in sign, in another.
    private func estimate(_ mean: Double, _ whole: Double, _ weighted: Double) -> Estimate {
      let odds = threshold / (1 - threshold)
      let variance = whole + weighted * odds * odds - mean * mean
      return Estimate(
        value: mean,
        standardError: (max(0, variance) / Double(count)).squareRoot()
      )
    }

    /// Interventions avoided per 100 patients against treating everybody.
    public var interventionsAvoidedPer100: Double {
      (netBenefit - treatAll) / (threshold / (1 - threshold)) * 100
    }

    /// Net benefit over prevalence, at most 1; nil without events.
    public var standardised: Double? { prevalence > 0 ? netBenefit / prevalence : nil }
  }

  /// Computes the curve at the given thresholds, in their order.
  ///
  /// A patient counts as positive when `risk >= threshold`.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n).
  ///   - thresholds: Threshold probabilities, each in (0, 1).
  /// - Returns: One point for each threshold.
  /// - Throws: `countsDiffer`, `emptyInput`, `notFinite` or `outOfRange`.
  public static func measure(
    risks: [Double],
    outcomes: [Bool],
    thresholds: [Double]
  ) throws(BiostatisticsError) -> [Point] {
    var points: [Point] = []
    for threshold in thresholds {
      points.append(try point(risks: risks, outcomes: outcomes, threshold: threshold))
    }
    return points
  }

  static func point(
    risks: [Double],
    outcomes: [Bool],
    threshold: Double
  ) throws(BiostatisticsError) -> Point {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    guard threshold > 0, threshold < 1 else {
      throw .outOfRange(parameter: "threshold", value: threshold)
    }
    let count = Double(risks.count)
    let positives = zip(risks, outcomes).filter { $0.0 >= threshold }
    let truePositives = positives.count { $0.1 }
    let odds = threshold / (1 - threshold)
    let prevalence = Double(outcomes.count { $0 }) / count
    let trueShare = Double(truePositives) / count
    let falseShare = Double(positives.count - truePositives) / count
    return Point(
      threshold: threshold,
      truePositiveShare: trueShare,
      falsePositiveShare: falseShare,
      netBenefit: trueShare - falseShare * odds,
      treatAll: prevalence - (1 - prevalence) * odds,
      prevalence: prevalence,
      count: risks.count
    )
  }
}
