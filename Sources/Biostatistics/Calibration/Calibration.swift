// SPDX-License-Identifier: Apache-2.0

/// How well predicted risks agree with observed events.
///
/// Source: Van Calster et al., J Clin Epidemiol 2016;74:167–176,
/// doi:10.1016/j.jclinepi.2015.12.005.
public struct Calibration: Equatable, Sendable {
  /// The number of patients.
  public let count: Int
  /// The number of patients with the event.
  public let events: Int
  /// The number of risks outside [1e-10, 1 − 1e-10] that were moved to that limit.
  public let clippedCount: Int
  /// Calibration-in-the-large: the intercept with the linear predictor as offset; ideally 0.
  public let inTheLarge: Estimate
  /// The calibration slope; ideally 1.
  public let slope: Estimate
  /// The intercept estimated jointly with the slope; not calibration-in-the-large.
  public let jointIntercept: Estimate
  /// Observed over expected events.
  public let observedToExpected: ObservedToExpected
  /// The accuracy of the risks.
  public let brier: BrierScore

  /// Measures calibration.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n), of both kinds.
  /// - Returns: All measures of calibration.
  /// - Throws: `noEvents`, `noNonEvents`, `rankDeficient` when all risks are equal, `separated`
  ///   when the risks tell events from others without error, or a refusal of malformed input.
  public static func measure(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> Calibration {
    let logits = try LogitRisks(risks, outcomes: outcomes)
    let joint = try slope(logits, outcomes: outcomes)
    return Calibration(
      count: risks.count,
      events: outcomes.count { $0 },
      clippedCount: logits.clippedCount,
      inTheLarge: try inTheLarge(logits, outcomes: outcomes),
      slope: joint.slope,
      jointIntercept: joint.intercept,
      observedToExpected: try ObservedToExpected.measure(risks: risks, outcomes: outcomes),
      brier: try BrierScore.measure(risks: risks, outcomes: outcomes)
    )
  }

  /// Calibration-in-the-large alone, which also exists when all risks are equal.
  ///
  /// - Throws: As `measure`, without `rankDeficient` and `separated`.
  public static func inTheLarge(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> Estimate {
    try inTheLarge(LogitRisks(risks, outcomes: outcomes), outcomes: outcomes)
  }

  /// The calibration slope and joint intercept alone.
  ///
  /// - Throws: As `measure`.
  public static func slope(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> (slope: Estimate, intercept: Estimate) {
    try slope(LogitRisks(risks, outcomes: outcomes), outcomes: outcomes)
  }

  private static func inTheLarge(
    _ risks: LogitRisks,
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> Estimate {
    let fit = try LogisticFit.fit(
      try DesignMatrix(rowCount: outcomes.count),
      outcomes: outcomes,
      offset: risks.logits
    )
    return fit.estimate(at: 0)
  }

  private static func slope(
    _ risks: LogitRisks,
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> (slope: Estimate, intercept: Estimate) {
    let design = try DesignMatrix(
      columnNames: ["linear predictor"],
      columns: [risks.logits]
    )
    let fit = try LogisticFit.fit(design, outcomes: outcomes)
    return (fit.estimate(at: 1), fit.estimate(at: 0))
  }
}

extension LogisticFit {
  /// One coefficient with its standard error.
  func estimate(at index: Int) -> Estimate {
    Estimate(
      value: coefficients[index].estimate,
      standardError: coefficients[index].standardError
    )
  }
}

/// The log odds of predicted risks, after their checks.
struct LogitRisks {
  let logits: [Double]
  let clippedCount: Int

  init(_ risks: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    let limit = 1e-10
    clippedCount = risks.count { $0 < limit || $0 > 1 - limit }
    logits = risks.map { Logit.of(min(max($0, limit), 1 - limit)) }
  }
}
