// SPDX-License-Identifier: Apache-2.0

/// Scores of patients with and without the event, after their checks.
struct ScoredOutcomes: Sendable {
  /// Scores of patients with the event, in input order.
  let cases: [Double]
  /// Scores of patients without the event, in input order.
  let controls: [Double]

  init(scores: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    _ = try Self.check(scores: scores, outcomes: outcomes)
    cases = zip(scores, outcomes).filter(\.1).map(\.0)
    controls = zip(scores, outcomes).filter { !$0.1 }.map(\.0)
  }

  /// The numbers of patients with and without the event.
  static func check(
    scores: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> (cases: Int, controls: Int) {
    guard scores.count == outcomes.count else {
      throw .countsDiffer(expected: outcomes.count, found: scores.count)
    }
    guard !scores.isEmpty else { throw .emptyInput }
    if let position = scores.firstIndex(where: { $0.isNaN }) {
      throw .notFinite(input: "scores", position: position)
    }
    let cases = outcomes.count { $0 }
    guard cases > 0 else { throw .noEvents(count: scores.count) }
    guard cases < scores.count else { throw .noNonEvents(count: scores.count) }
    return (cases, scores.count - cases)
  }
}
