// SPDX-License-Identifier: Apache-2.0

/// The patients who share one predicted risk, as a model of few patterns gives them.
public struct RiskPattern: Equatable, Sendable {
  /// The predicted risk, in [0, 1].
  public let risk: Double
  /// Events among these patients.
  public let observed: Proportion
  /// Wilson's limits of the observed share.
  public let limits: Interval

  /// Groups patients by exactly equal risk, risks rising.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n).
  ///   - confidence: The level of the limits.
  /// - Returns: One pattern for each distinct risk.
  /// - Throws: A refusal of malformed input.
  public static func group(
    risks: [Double],
    outcomes: [Bool],
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> [RiskPattern] {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    let members = Dictionary(grouping: zip(risks, outcomes), by: \.0)
    var patterns: [RiskPattern] = []
    for (risk, pairs) in members.sorted(by: { $0.key < $1.key }) {
      let observed = try Proportion(successes: pairs.count { $0.1 }, total: pairs.count)
      let limits = try observed.wilson(confidence: confidence)
      patterns.append(RiskPattern(risk: risk, observed: observed, limits: limits))
    }
    return patterns
  }
}
