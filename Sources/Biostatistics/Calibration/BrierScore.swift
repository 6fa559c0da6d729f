// SPDX-License-Identifier: Apache-2.0

/// The mean squared difference between predicted risk and outcome.
///
/// Source: Brier, Mon Weather Rev 1950;78:1–3; scaled: Steyerberg et al., Epidemiology
/// 2010;21:128–138, doi:10.1097/EDE.0b013e3181c30fb2.
public struct BrierScore: Equatable, Sendable {
  /// The score, in [0, 1]; 0 is perfect.
  public let value: Double
  /// The score of giving everyone the event rate.
  public let reference: Double

  /// 1 − score / reference: 1 is perfect, 0 no better than the event rate; nil when everybody
  /// or nobody had the event.
  public var scaled: Double? { reference > 0 ? 1 - value / reference : nil }

  /// Measures the score.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n).
  /// - Returns: The score and its reference.
  /// - Throws: A refusal of malformed input.
  public static func measure(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> BrierScore {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    let count = Double(risks.count)
    let sum = zip(risks, outcomes).reduce(0.0) { sum, pair in
      let difference = pair.0 - (pair.1 ? 1 : 0)
      return sum + difference * difference
    }
    let rate = Double(outcomes.count { $0 }) / count
    return BrierScore(value: sum / count, reference: rate * (1 - rate))
  }
}
