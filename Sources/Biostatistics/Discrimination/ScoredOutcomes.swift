// SPDX-License-Identifier: Apache-2.0

/// Scores of patients with and without the event, after their checks.
struct ScoredOutcomes: Sendable {
  /// Scores of patients with the event, in input order.
  let cases: [Double]
  /// Scores of patients without the event, in input order.
  let controls: [Double]

  init(scores: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    guard scores.count == outcomes.count else {
      throw .countsDiffer(expected: outcomes.count, found: scores.count)
    }
    guard !scores.isEmpty else { throw .emptyInput }
    if let position = scores.firstIndex(where: { $0.isNaN }) {
      throw .notFinite(input: "scores", position: position)
    }
    cases = zip(scores, outcomes).filter(\.1).map(\.0)
    controls = zip(scores, outcomes).filter { !$0.1 }.map(\.0)
    guard !cases.isEmpty else { throw .noEvents(count: scores.count) }
    guard !controls.isEmpty else { throw .noNonEvents(count: scores.count) }
  }
}
