// SPDX-License-Identifier: Apache-2.0

/// Tests that risks are calibrated, and the indexes of rms' val.prob that follow from them.
///
/// Every test compares log-likelihoods of three recalibrations: none, intercept alone, and
/// intercept with slope. Risks of 0 and 1 are moved as in `Calibration`.
///
/// Source: Cox, Biometrika 1958;45:562–565, doi:10.1093/biomet/45.3-4.562; Miller, Hui & Tierney,
/// Stat Med 1991;10:1213–1226, doi:10.1002/sim.4780100805; Spiegelhalter, Stat Med
/// 1986;5:421–433, doi:10.1002/sim.4780050506.
public struct CalibrationHypotheses: Equatable, Sendable {
  /// The likelihood-ratio test of an intercept of 0 given a slope of 1.
  public let inTheLarge: TestResult
  /// The likelihood-ratio test of a slope of 1 given the intercept.
  public let slope: TestResult
  /// The likelihood-ratio test of intercept 0 and slope 1: the unreliability U.
  public let unreliability: TestResult
  /// Spiegelhalter's z, of risks against the Brier score they expect.
  public let spiegelhalter: TestResult
  /// The mean negative log-likelihood of an outcome.
  public let logLoss: Double
  /// The unreliability index, (U − 2) / n.
  public let unreliabilityIndex: Double
  /// The likelihood-ratio statistic of the risks against the prevalence; may be negative.
  public let discriminationStatistic: Double
  /// The discrimination index, (statistic − 1) / n.
  public let discriminationIndex: Double
  /// The overall quality, discrimination less unreliability.
  public let quality: Double
  /// Nagelkerke's R² of the risks as they are; may be negative.
  ///
  /// Nagelkerke, Biometrika 1991;78:691–692, doi:10.1093/biomet/78.3.691.
  public let nagelkerke: Double

  /// Tests predicted risks.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n), of both kinds.
  /// - Returns: All tests and indexes.
  /// - Throws: As `Calibration.measure`; `zeroVariance` when all risks are ½, 0 or 1.
  public static func test(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> CalibrationHypotheses {
    let logits = try LogitRisks(risks, outcomes: outcomes).logits
    let count = Double(risks.count)
    let alone = try LogisticFit.fit(
      try DesignMatrix(rowCount: risks.count),
      outcomes: outcomes,
      offset: logits
    )
    let joint = try LogisticFit.fit(
      try DesignMatrix(columnNames: ["linear predictor"], columns: [logits]),
      outcomes: outcomes
    )
    let plain = zip(logits, outcomes).reduce(0) { $0 + 2 * logOnePlusExp($1.1 ? -$1.0 : $1.0) }
    let unreliability = plain - joint.deviance
    let discrimination = joint.nullDeviance - plain
    let distribution = ChiSquared(degreesOfFreedom: 1)
    let unreliabilityIndex = (unreliability - 2) / count
    let discriminationIndex = (discrimination - 1) / count
    let explained = 1 - exp(-discrimination / count)
    return CalibrationHypotheses(
      inTheLarge: try distribution.test(plain - alone.deviance),
      slope: try distribution.test(alone.deviance - joint.deviance),
      unreliability: try ChiSquared(degreesOfFreedom: 2).test(unreliability),
      spiegelhalter: try spiegelhalter(risks: risks, outcomes: outcomes),
      logLoss: plain / 2 / count,
      unreliabilityIndex: unreliabilityIndex,
      discriminationStatistic: discrimination,
      discriminationIndex: discriminationIndex,
      quality: discriminationIndex - unreliabilityIndex,
      nagelkerke: explained / (1 - exp(-joint.nullDeviance / count))
    )
  }

  private static func spiegelhalter(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> TestResult {
    var (distance, variance) = (0.0, 0.0)
    for (risk, outcome) in zip(risks, outcomes) {
      distance += ((outcome ? 1 : 0) - risk) * (1 - 2 * risk)
      variance += (1 - 2 * risk) * (1 - 2 * risk) * risk * (1 - risk)
    }
    guard variance > 0 else { throw .zeroVariance("risks") }
    let z = distance / variance.squareRoot()
    return TestResult(statistic: z, degreesOfFreedom: nil, p: try Normal.twoSidedP(z))
  }
}
