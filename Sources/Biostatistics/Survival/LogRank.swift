// SPDX-License-Identifier: Apache-2.0

/// The log-rank test that groups have the same survival, and its weighted kin.
///
/// Every event time weighs S(t−)^ρ, with S the pooled Kaplan–Meier estimate of the stratum just
/// before it: ρ = 0 is the log-rank test, ρ = 1 Peto and Peto's modification of the Wilcoxon
/// test. Times tie only when exactly equal.
///
/// Source: Mantel, Cancer Chemother Rep 1966;50:163–170; Peto & Peto, J R Stat Soc A
/// 1972;135:185–207, doi:10.2307/2344317; Harrington & Fleming, Biometrika 1982;69:553–566,
/// doi:10.1093/biomet/69.3.553.
public struct LogRank: Equatable, Sendable {
  /// The group labels in rising order.
  public let groups: [Int]
  /// Patients in each group.
  public let counts: [Int]
  /// Events in each group.
  public let observed: [Int]
  /// Weighted events in each group: `observed` when ρ = 0.
  public let weightedObserved: [Double]
  /// Weighted events expected in each group if survival were equal.
  public let expected: [Double]
  /// The hypergeometric covariance of weighted observed minus expected.
  public let covariance: SymmetricMatrix
  /// The chi-square test with groups − 1 degrees of freedom, of the groups that were at risk at
  /// any event.
  public let test: TestResult

  /// Tests two or more groups, optionally within strata.
  ///
  /// - Parameters:
  ///   - times: Follow-up times (shape: n).
  ///   - events: Whether the time ends with the event (shape: n).
  ///   - groups: A label for each patient (shape: n).
  ///   - strata: A stratum for each patient (shape: n); one stratum when nil.
  ///   - rho: The power of the survival that weighs early events, at least 0.
  /// - Returns: Observed and expected events with the test.
  /// - Throws: `tooFew`, `countsDiffer`, `notFinite`, `outOfRange`, or `zeroVariance` when the
  ///   events tell nothing about the groups.
  public static func test(
    times: [Double],
    events: [Bool],
    groups: [Int],
    strata: [Int]? = nil,
    rho: Double = 0
  ) throws(BiostatisticsError) -> LogRank {
    for found in [groups.count, strata?.count] {
      guard let found, found != times.count else { continue }
      throw .countsDiffer(expected: times.count, found: found)
    }
    guard rho >= 0, rho.isFinite else { throw .outOfRange(parameter: "rho", value: rho) }
    let data = try SurvivalTimes(times: times, events: events)
    let labels = LabelPositions(groups)
    guard labels.labels.count > 1 else {
      throw .tooFew(what: "groups", needed: 2, found: labels.labels.count)
    }
    var tally = LogRankTally(groupCount: labels.labels.count, rho: rho)
    if strata == nil, let span = data.span {
      tally.add(data, span: span, groups: labels.positions)
      return try LogRank(labels: labels, tally: tally)
    }
    let order = TimeOrder.ascending(times)
    guard let strata else {
      tally.add(order, times: times, events: events, groups: labels.positions)
      return try LogRank(labels: labels, tally: tally)
    }
    let members = LabelPositions(strata)
    var rows = members.labels.map { _ in [Int]() }
    for row in order { rows[members.positions[row]].append(row) }
    for stratum in rows {
      tally.add(stratum, times: times, events: events, groups: labels.positions)
    }
    return try LogRank(labels: labels, tally: tally)
  }

  private init(labels: LabelPositions, tally: LogRankTally) throws(BiostatisticsError) {
    groups = labels.labels
    counts = labels.counts
    observed = tally.observed
    weightedObserved = tally.weightedObserved
    expected = tally.expected
    covariance = tally.covariance
    // The last group follows from the others, so it is left out of the quadratic form; so is a
    // group that was never at risk when an event happened.
    let informative = groups.indices.filter { tally.expected[$0] > 0 }
    let kept = Array(informative.dropLast())
    guard !kept.isEmpty else { throw .zeroVariance("log-rank") }
    let differences = kept.map { tally.weightedObserved[$0] - tally.expected[$0] }
    guard let factor = try? Cholesky(tally.covariance.submatrix(kept)) else {
      throw .zeroVariance("log-rank")
    }
    let statistic = factor.forward(differences).reduce(0) { $0 + $1 * $1 }
    test = try ChiSquared(degreesOfFreedom: Double(kept.count)).test(statistic)
  }
}

/// The distinct labels of patients in rising order, and where each patient's label stands.
struct LabelPositions {
  let labels: [Int]
  let positions: [Int]
  let counts: [Int]

  init(_ values: [Int]) {
    if let dense = Self(dense: values) {
      self = dense
      return
    }
    let distinct = Set(values).sorted()
    let places = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    var counts = [Int](repeating: 0, count: distinct.count)
    var last = (label: distinct.first ?? 0, place: 0)
    positions = values.map { value in
      if value != last.label { last = (value, places[value] ?? 0) }
      counts[last.place] += 1
      return last.place
    }
    labels = distinct
    self.counts = counts
  }

  /// Labels from 0 to 255 need no hashing; nil for others.
  private init?(dense values: [Int]) {
    var found = [Int](repeating: 0, count: 256)
    for value in values {
      guard (0..<256).contains(value) else { return nil }
      found[value] += 1
    }
    labels = found.indices.filter { found[$0] > 0 }
    counts = labels.map { found[$0] }
    var places = found
    for (place, label) in labels.enumerated() { places[label] = place }
    positions = labels == Array(labels.indices) ? values : values.map { places[$0] }
  }
}
