// SPDX-License-Identifier: Apache-2.0

/// How the incumbent would be updated, and what left-out sites say of it.
public struct UpdateReport: Codable, Hashable, Sendable {
  /// The step that the closed test takes.
  public var step: UpdateStep
  /// Steps that the counts of the gate leave open.
  public var openSteps: [UpdateStep]
  /// The closed test, smallest step first.
  public var tests: [LadderTest]
  /// Steps that could not be fitted, and why.
  public var notComputed: [String: String]
  /// The evidence on the whole procedure, choice included.
  public var evidence: UpdateEvidence
  /// Each step fixed in advance, and challengers with other terms, by the same left-out sites.
  public var compared: [UpdateComparison]
  /// Which look this is.
  public var context: GateContext

  private enum CodingKeys: String, CodingKey {
    case step, tests, evidence, compared, context
    case openSteps = "open_steps"
    case notComputed = "not_computed"
  }
}

/// One way to update, as left-out sites see it.
public struct UpdateComparison: Codable, Hashable, Sendable {
  /// The step or the challenger.
  public var name: String
  /// Patients that were predicted.
  public var n: Int
  /// The pooled difference in mean log loss from the incumbent.
  public var logLossDifference: PooledDifference?
  /// Mean log loss over all predicted patients.
  public var logLoss: Double?
  /// The pooled calibration slope.
  public var slope: PooledEstimate?
  /// The pooled O:E.
  public var oe: PooledEstimate?
  /// The difference of the shares of concordant pairs within sites.
  public var aucDifference: Double?
  /// Sites that could not be predicted.
  public var failedSites: Int

  private enum CodingKeys: String, CodingKey {
    case name, n, slope
    case logLossDifference = "log_loss_difference"
    case logLoss = "log_loss"
    case oe = "o_e"
    case aucDifference = "auc_difference"
    case failedSites = "failed_sites"
  }

  init(_ name: String, _ evidence: UpdateEvidence, siteCount: Int) {
    self.name = name
    n = evidence.sites.reduce(0) { $0 + $1.n }
    logLossDifference = evidence.logLossDifference
    logLoss =
      n > 0 ? evidence.sites.reduce(0) { $0 + Double($1.n) * $1.logLoss } / Double(n) : nil
    slope = evidence.slope
    oe = evidence.oe
    aucDifference = evidence.aucDifference
    failedSites = siteCount - evidence.sites.count
  }
}

extension ModelUpdate {
  /// Every open step, as if it had been fixed in advance, and the ladder.
  func comparisons() -> [UpdateComparison] {
    guard !folds.isEmpty else { return [] }
    let fixed = rules.steps.map { step in
      UpdateComparison(step.rawValue, evidence(.step(step)), siteCount: table.sites.count)
    }
    return fixed + [UpdateComparison("ladder", evidence(.ladder), siteCount: table.sites.count)]
  }

  /// The report, with the evidence that the gate was asked with.
  func report(_ evidence: UpdateEvidence, context: GateContext) -> UpdateReport {
    UpdateReport(
      step: ladder.chosen,
      openSteps: rules.steps,
      tests: ladder.tests,
      notComputed: Dictionary(
        uniqueKeysWithValues: ladder.failures.map { ($0.key.rawValue, $0.value) }
      ),
      evidence: evidence,
      compared: comparisons(),
      context: context
    )
  }
}
