// SPDX-License-Identifier: Apache-2.0

/// The four counts of a dichotomous test against the outcome, and their proportions.
public struct ClassificationTable: Equatable, Hashable, Codable, Sendable {
  /// Positive, with the event.
  public let truePositives: Int
  /// Positive, without the event.
  public let falsePositives: Int
  /// Negative, with the event.
  public let falseNegatives: Int
  /// Negative, without the event.
  public let trueNegatives: Int

  /// Makes a table of counts that are not negative.
  public init(
    truePositives: Int,
    falsePositives: Int,
    falseNegatives: Int,
    trueNegatives: Int
  ) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
    self.trueNegatives = trueNegatives
  }

  /// Counts patients with `score >= cutoff` as positive.
  ///
  /// - Parameters:
  ///   - scores: Scores or predicted risks (shape: n).
  ///   - outcomes: Observed events (shape: n); one kind may be missing.
  ///   - cutoff: The threshold, a positive score included.
  /// - Throws: `countsDiffer`, `emptyInput` or `notFinite`.
  public init(scores: [Double], outcomes: [Bool], cutoff: Double) throws(BiostatisticsError) {
    guard scores.count == outcomes.count else {
      throw .countsDiffer(expected: outcomes.count, found: scores.count)
    }
    guard !scores.isEmpty else { throw .emptyInput }
    if let position = scores.firstIndex(where: { $0.isNaN }) {
      throw .notFinite(input: "scores", position: position)
    }
    guard !cutoff.isNaN else { throw .outOfRange(parameter: "cutoff", value: cutoff) }
    let pairs = zip(scores, outcomes)
    truePositives = pairs.count { $0.0 >= cutoff && $0.1 }
    falsePositives = pairs.count { $0.0 >= cutoff && !$0.1 }
    falseNegatives = pairs.count { $0.0 < cutoff && $0.1 }
    trueNegatives = pairs.count { $0.0 < cutoff && !$0.1 }
  }

  /// The number of patients.
  public var count: Int { truePositives + falsePositives + falseNegatives + trueNegatives }

  /// True positives over patients with the event; nil when there are none.
  public var sensitivity: Proportion? {
    Proportion(ifAny: truePositives, of: truePositives + falseNegatives)
  }

  /// True negatives over patients without the event; nil when there are none.
  public var specificity: Proportion? {
    Proportion(ifAny: trueNegatives, of: trueNegatives + falsePositives)
  }

  /// True positives over positives; nil when there are none.
  public var positivePredictiveValue: Proportion? {
    Proportion(ifAny: truePositives, of: truePositives + falsePositives)
  }

  /// True negatives over negatives; nil when there are none.
  public var negativePredictiveValue: Proportion? {
    Proportion(ifAny: trueNegatives, of: trueNegatives + falseNegatives)
  }

  /// Correct classifications over all patients; nil for an empty table.
  public var accuracy: Proportion? { Proportion(ifAny: truePositives + trueNegatives, of: count) }

  /// Sensitivity plus specificity less 1, in [−1, 1]; nil without one kind of outcome.
  ///
  /// Source: Youden, Cancer 1950;3:32–35,
  /// doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3.
  public var youdenIndex: Double? {
    guard let sensitivity, let specificity else { return nil }
    return sensitivity.estimate + specificity.estimate - 1
  }

  /// The harmonic mean of sensitivity and positive predictive value; nil without a true or false
  /// call of the event.
  public var f1Score: Double? {
    let calls = 2 * Double(truePositives) + Double(falsePositives) + Double(falseNegatives)
    return calls > 0 ? 2 * Double(truePositives) / calls : nil
  }

  /// The correlation of test and outcome, in [−1, 1]; nil when a margin is empty.
  ///
  /// Source: Matthews, Biochim Biophys Acta 1975;405:442–451, doi:10.1016/0005-2795(75)90109-9.
  public var matthewsCorrelation: Double? {
    let (tp, fp) = (Double(truePositives), Double(falsePositives))
    let (fn, tn) = (Double(falseNegatives), Double(trueNegatives))
    let scale = ((tp + fp) * (tp + fn)).squareRoot() * ((tn + fp) * (tn + fn)).squareRoot()
    return scale > 0 ? (tp * tn - fp * fn) / scale : nil
  }

  /// The log of sensitivity / (1 − specificity), with its standard error.
  ///
  /// Source: Simel et al., J Clin Epidemiol 1991;44:763–770, doi:10.1016/0895-4356(91)90128-V.
  ///
  /// - Throws: `zeroCell` when the ratio is 0, infinite or undefined.
  public func logPositiveLikelihoodRatio() throws(BiostatisticsError) -> Estimate {
    try logRatio(truePositives, falsePositives, name: "positive likelihood ratio")
  }

  /// The log of (1 − sensitivity) / specificity, with its standard error.
  ///
  /// - Throws: `zeroCell` when the ratio is 0, infinite or undefined.
  public func logNegativeLikelihoodRatio() throws(BiostatisticsError) -> Estimate {
    try logRatio(falseNegatives, trueNegatives, name: "negative likelihood ratio")
  }

  /// The log of the diagnostic odds ratio, with its standard error.
  ///
  /// - Throws: `zeroCell` when a count is 0.
  public func logDiagnosticOddsRatio() throws(BiostatisticsError) -> Estimate {
    let cells = [truePositives, falsePositives, falseNegatives, trueNegatives].map { Double($0) }
    guard !cells.contains(0) else { throw .zeroCell("diagnostic odds ratio") }
    return Estimate(
      value: log(cells[0] * cells[3] / (cells[1] * cells[2])),
      standardError: cells.reduce(0) { $0 + 1 / $1 }.squareRoot()
    )
  }

  private func logRatio(
    _ amongCases: Int,
    _ amongControls: Int,
    name: String
  ) throws(BiostatisticsError) -> Estimate {
    guard amongCases > 0, amongControls > 0 else { throw .zeroCell(name) }
    let cases = Double(truePositives + falseNegatives)
    let controls = Double(falsePositives + trueNegatives)
    let (one, two) = (Double(amongCases), Double(amongControls))
    let variance = 1 / one - 1 / cases + 1 / two - 1 / controls
    return Estimate(
      value: log(one / cases) - log(two / controls),
      standardError: max(0, variance).squareRoot()
    )
  }
}
