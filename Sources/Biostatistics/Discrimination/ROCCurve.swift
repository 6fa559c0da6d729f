// SPDX-License-Identifier: Apache-2.0

/// The receiver operating characteristic curve over all thresholds that differ.
///
/// Thresholds are −∞, the midpoints between neighbouring distinct scores, and +∞. A patient is
/// positive when `score >= threshold`.
public struct ROCCurve: Equatable, Sendable {
  /// The classification at one threshold.
  public struct Point: Equatable, Sendable {
    /// The threshold; infinite at both ends of the curve.
    public let threshold: Double
    /// The counts at this threshold.
    public let table: ClassificationTable
    /// True positives over cases.
    public let sensitivity: Double
    /// True negatives over controls.
    public let specificity: Double
    /// Sensitivity + specificity − 1.
    public var youdenIndex: Double { sensitivity + specificity - 1 }
  }

  /// The points, thresholds rising.
  public let points: [Point]

  /// Traces the curve, in O(n log n).
  ///
  /// - Parameters:
  ///   - scores: Scores or predicted risks (shape: n), higher for the event.
  ///   - outcomes: Observed events (shape: n), of both kinds.
  /// - Throws: `countsDiffer`, `emptyInput`, `notFinite`, `noEvents` or `noNonEvents`.
  public init(scores: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    let scored = try ScoredOutcomes(scores: scores, outcomes: outcomes)
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var falseNegatives = 0
    var trueNegatives = 0
    var points = [Self.point(-.infinity, scored, falseNegatives: 0, trueNegatives: 0)]
    for (position, index) in order.enumerated() {
      if outcomes[index] { falseNegatives += 1 } else { trueNegatives += 1 }
      let isLast = position + 1 == order.count
      guard isLast || scores[order[position + 1]] > scores[index] else { continue }
      // Halves first, so that the sum of two large scores cannot overflow.
      let threshold = isLast ? .infinity : scores[index] / 2 + scores[order[position + 1]] / 2
      points.append(
        Self.point(
          threshold,
          scored,
          falseNegatives: falseNegatives,
          trueNegatives: trueNegatives
        )
      )
    }
    self.points = points
  }

  /// All points with the largest Youden index; ties are decided in whole numbers.
  ///
  /// Source: Youden, Cancer 1950;3:32–35.
  public var youdenOptima: [Point] {
    let gains = points.map { point in
      let table = point.table
      return table.truePositives * (table.trueNegatives + table.falsePositives)
        + table.trueNegatives * (table.truePositives + table.falseNegatives)
    }
    let best = gains.max() ?? 0
    return zip(points, gains).filter { $0.1 == best }.map(\.0)
  }

  private static func point(
    _ threshold: Double,
    _ scored: ScoredOutcomes,
    falseNegatives: Int,
    trueNegatives: Int
  ) -> Point {
    let table = ClassificationTable(
      truePositives: scored.cases.count - falseNegatives,
      falsePositives: scored.controls.count - trueNegatives,
      falseNegatives: falseNegatives,
      trueNegatives: trueNegatives
    )
    return Point(
      threshold: threshold,
      table: table,
      sensitivity: Double(table.truePositives) / Double(scored.cases.count),
      specificity: Double(trueNegatives) / Double(scored.controls.count)
    )
  }
}
