// SPDX-License-Identifier: Apache-2.0

/// The area under the curve in resamples of the patients.
///
/// Limits use quantiles of type 7. Resamples of a seed are stratified: as many cases and as many
/// controls as there are.
///
/// Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13,
/// doi:10.1007/978-1-4899-4541-9; Robin et al., BMC Bioinformatics 2011;12:77,
/// doi:10.1186/1471-2105-12-77.
public struct BootstrapAUC: Equatable, Sendable {
  /// The area of the patients themselves.
  public let estimate: Double
  /// The area of each resample.
  public let resampled: [Double]

  /// The mean over resamples.
  public var mean: Double { resampled.reduce(0, +) / Double(resampled.count) }

  /// The standard deviation over resamples, divisor B − 1: the bootstrap standard error; nil for
  /// a single resample.
  public var standardError: Double? {
    guard resampled.count > 1 else { return nil }
    let mean = mean
    let squares = resampled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(resampled.count - 1)).squareRoot()
  }

  /// The limits between which the middle share of resamples lies.
  ///
  /// - Throws: `outOfRange`.
  public func percentileInterval(
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> Interval {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    return Interval(
      low: try Quantile.type7(resampled, (1 - confidence) / 2),
      high: try Quantile.type7(resampled, (1 + confidence) / 2)
    )
  }

  /// The percentile limits reflected about the estimate; they may leave [0, 1].
  ///
  /// - Throws: `outOfRange`.
  public func basicInterval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let percentile = try percentileInterval(confidence: confidence)
    return Interval(low: 2 * estimate - percentile.high, high: 2 * estimate - percentile.low)
  }

  /// Measures the area in given resamples.
  ///
  /// - Parameters:
  ///   - scores: Scores or predicted risks (shape: n), none of them not-a-number.
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - resamples: Row positions from 0, one array for each resample, at least one.
  /// - Returns: The areas.
  /// - Throws: `tooFew` without resamples, `outOfRange` for a row that does not exist, `noEvents`
  ///   or `noNonEvents` also for a resample, or a refusal of malformed input.
  public static func measure(
    scores: [Double],
    outcomes: [Bool],
    resamples: [[Int]]
  ) throws(BiostatisticsError) -> BootstrapAUC {
    guard !resamples.isEmpty else { throw .tooFew(what: "resamples", needed: 1, found: 0) }
    let groups = try TiedGroups(scores: scores, outcomes: outcomes)
    var areas: [Double] = []
    for rows in resamples {
      if let wrong = rows.first(where: { !scores.indices.contains($0) }) {
        throw .outOfRange(parameter: "row", value: Double(wrong))
      }
      areas.append(try groups.area(rows))
    }
    return BootstrapAUC(estimate: try groups.area(Array(scores.indices)), resampled: areas)
  }

  /// Measures the area in stratified resamples drawn from a seed: the same ones in every run.
  ///
  /// - Parameters:
  ///   - scores: Scores or predicted risks (shape: n), none of them not-a-number.
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - resampleCount: 1 to 1,000,000.
  ///   - seed: Chooses the resamples.
  /// - Returns: The areas.
  /// - Throws: `outOfRange`, `noEvents`, `noNonEvents`, or a refusal of malformed input.
  public static func measure(
    scores: [Double],
    outcomes: [Bool],
    resampleCount: Int,
    seed: UInt64
  ) throws(BiostatisticsError) -> BootstrapAUC {
    guard (1...1_000_000).contains(resampleCount) else {
      throw .outOfRange(parameter: "resampleCount", value: Double(resampleCount))
    }
    let groups = try TiedGroups(scores: scores, outcomes: outcomes)
    let cases = outcomes.indices.filter { outcomes[$0] }
    let controls = outcomes.indices.filter { !outcomes[$0] }
    var areas: [Double] = []
    var rows = [Int](repeating: 0, count: scores.count)
    for resample in 0..<resampleCount {
      var stream = ResamplingStream(seed: seed, resample: resample)
      for index in cases.indices { rows[index] = cases[stream.next(below: cases.count)] }
      for index in controls.indices {
        rows[cases.count + index] = controls[stream.next(below: controls.count)]
      }
      areas.append(try groups.area(rows))
    }
    return BootstrapAUC(estimate: try groups.area(Array(scores.indices)), resampled: areas)
  }
}

/// The distinct scores, ascending, and the one of each patient.
private struct TiedGroups {
  private let groupOfRow: [Int]
  private let groupCount: Int
  private let outcomes: [Bool]

  init(scores: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    _ = try ScoredOutcomes.check(scores: scores, outcomes: outcomes)
    var groups = [Int](repeating: 0, count: scores.count)
    var last = -1
    var previous: Double?
    for position in ScoreOrder.ascending(scores) {
      let score = scores[Int(position)]
      if score != previous { last += 1 }
      previous = score
      groups[Int(position)] = last
    }
    groupOfRow = groups
    groupCount = last + 1
    self.outcomes = outcomes
  }

  /// The area of the patients in these rows.
  func area(_ rows: [Int]) throws(BiostatisticsError) -> Double {
    var cases = [Int](repeating: 0, count: groupCount)
    var controls = cases
    var caseCount = 0
    for row in rows {
      if outcomes[row] {
        cases[groupOfRow[row]] += 1
        caseCount += 1
      } else {
        controls[groupOfRow[row]] += 1
      }
    }
    guard caseCount > 0 else { throw .noEvents(count: rows.count) }
    guard caseCount < rows.count else { throw .noNonEvents(count: rows.count) }
    var sums = PlacementSums(cases: caseCount, controls: rows.count - caseCount)
    for group in 0..<groupCount {
      _ = sums.add(cases: cases[group], controls: controls[group])
    }
    return sums.area
  }
}
