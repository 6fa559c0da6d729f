// SPDX-License-Identifier: Apache-2.0

/// The area under the receiver operating characteristic curve, or c-statistic, with DeLong's
/// variance.
///
/// A higher score means that the event is more likely; the direction is never turned round.
/// Ties count one half.
///
/// Source: DeLong et al., Biometrics 1988;44:837–845, doi:10.2307/2531595; by ranks: Sun & Xu,
/// IEEE Signal Process Lett 2014;21:1389–1393, doi:10.1109/LSP.2014.2337313.
public struct AUC: Equatable, Sendable {
  /// The probability that a case scores above a control, in [0, 1].
  public let estimate: Double
  /// DeLong's variance; nil when there are fewer than two cases or controls.
  public let variance: Double?
  /// The number of patients with the event.
  public let caseCount: Int
  /// The number of patients without the event.
  public let controlCount: Int

  /// DeLong's standard error; nil when there is no variance.
  public var standardError: Double? { variance.map { $0.squareRoot() } }
  /// Somers' D, 2 × estimate − 1.
  public var somersD: Double { 2 * estimate - 1 }

  /// Measures the area.
  ///
  /// - Parameters:
  ///   - scores: Scores or predicted risks (shape: n), none of them not-a-number.
  ///   - outcomes: Observed events (shape: n), of both kinds.
  /// - Returns: The area with its variance.
  /// - Throws: `countsDiffer`, `emptyInput`, `notFinite`, `noEvents` or `noNonEvents`.
  public static func measure(
    scores: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> AUC {
    let counts = try ScoredOutcomes.check(scores: scores, outcomes: outcomes)
    let keys = ScoreOrder.sortedKeys(scores, outcomes: outcomes)
    let area = walk(keys, counts: counts, area: nil).area
    let squares = walk(keys, counts: counts, area: area).squares
    return PlacementSums(cases: counts.cases, controls: counts.controls)
      .auc(area: area, squares)
  }

  /// Passes through both sorted classes together, group of ties by group.
  private static func walk(
    _ keys: (cases: [UInt64], controls: [UInt64]),
    counts: (cases: Int, controls: Int),
    area: Double?
  ) -> (area: Double, squares: (cases: Double, controls: Double)) {
    var sums = PlacementSums(cases: counts.cases, controls: counts.controls)
    var squares = (cases: 0.0, controls: 0.0)
    let center = area ?? 0
    keys.cases.withUnsafeBufferPointer { cases in
      keys.controls.withUnsafeBufferPointer { controls in
        var (i, j) = (0, 0)
        while i < cases.count || j < controls.count {
          let key =
            j == controls.count || (i < cases.count && cases[i] < controls[j])
            ? cases[i] : controls[j]
          let (firstCase, firstControl) = (i, j)
          while i < cases.count, cases[i] == key { i += 1 }
          while j < controls.count, controls[j] == key { j += 1 }
          let placement = sums.add(cases: i - firstCase, controls: j - firstControl)
          let (a, b) = (placement.ofCase - center, placement.ofControl - center)
          squares.cases += Double(i - firstCase) * (a * a)
          squares.controls += Double(j - firstControl) * (b * b)
        }
      }
    }
    return (sums.area, squares)
  }

  /// The limits estimate ± z × standard error; they may leave [0, 1].
  ///
  /// - Throws: `tooFew` when there is no variance.
  public func interval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    try Estimate(value: estimate, standardError: requiredStandardError())
      .interval(confidence: confidence)
  }

  /// The limits estimate ± z × standard error, cut off at 0 and 1.
  public func clippedInterval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    try interval(confidence: confidence).clipped(to: 0...1)
  }

  /// The limits computed on the logit scale, which stay inside (0, 1).
  ///
  /// - Throws: `zeroVariance` when the estimate is 0 or 1, `tooFew` when there is no variance.
  public func logitInterval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    try logit().interval(confidence: confidence).map { Logit.inverse($0) }
  }

  /// The log odds of the area, with the delta-method standard error se / (a (1 − a)).
  ///
  /// - Throws: `zeroVariance` when the estimate is 0 or 1, `tooFew` when there is no variance.
  public func logit() throws(BiostatisticsError) -> Estimate {
    let error = try requiredStandardError()
    guard estimate > 0, estimate < 1 else { throw .zeroVariance("AUC") }
    return Estimate(
      value: Logit.of(estimate),
      standardError: error / (estimate * (1 - estimate))
    )
  }

  private func requiredStandardError() throws(BiostatisticsError) -> Double {
    guard let standardError else {
      let found = min(caseCount, controlCount)
      throw .tooFew(what: "cases and controls", needed: 2, found: found)
    }
    return standardError
  }
}
