// SPDX-License-Identifier: Apache-2.0

/// The log-rank test that groups have the same survival.
///
/// Source: Mantel, Cancer Chemother Rep 1966;50:163–170; Peto & Peto, J R Stat Soc A
/// 1972;135:185–207, doi:10.2307/2344317.
public struct LogRank: Equatable, Sendable {
  /// The group labels in rising order.
  public let groups: [Int]
  /// Patients in each group.
  public let counts: [Int]
  /// Events in each group.
  public let observed: [Int]
  /// Events expected in each group if survival were equal.
  public let expected: [Double]
  /// The hypergeometric covariance of observed minus expected.
  public let covariance: SymmetricMatrix
  /// The chi-square test with groups − 1 degrees of freedom.
  public let test: TestResult

  /// Tests two or more groups, optionally within strata.
  ///
  /// - Parameters:
  ///   - times: Follow-up times (shape: n).
  ///   - events: Whether the time ends with the event (shape: n).
  ///   - groups: A label for each patient (shape: n).
  ///   - strata: A stratum for each patient (shape: n); one stratum when nil.
  /// - Returns: Observed and expected events with the test.
  /// - Throws: `tooFew`, `countsDiffer`, `notFinite`, `outOfRange`, or `zeroVariance` when the
  ///   events tell nothing about the groups.
  public static func test(
    times: [Double],
    events: [Bool],
    groups: [Int],
    strata: [Int]? = nil
  ) throws(BiostatisticsError) -> LogRank {
    for found in [groups.count, strata?.count] {
      guard let found, found != times.count else { continue }
      throw .countsDiffer(expected: times.count, found: found)
    }
    _ = try SurvivalTimes(times: times, events: events)
    let labels = Set(groups).sorted()
    guard labels.count > 1 else { throw .tooFew(what: "groups", needed: 2, found: labels.count) }
    var tally = Tally(groupCount: labels.count)
    let positions = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let members = Dictionary(grouping: times.indices) { strata?[$0] ?? 0 }
    for stratum in members.keys.sorted() {
      let patients = (members[stratum] ?? []).map {
        Tally.Patient(time: times[$0], isEvent: events[$0], group: positions[groups[$0]] ?? 0)
      }
      tally.add(patients)
    }
    return try LogRank(labels: labels, groups: groups, tally: tally)
  }

  private init(labels: [Int], groups: [Int], tally: Tally) throws(BiostatisticsError) {
    self.groups = labels
    counts = labels.map { label in groups.count { $0 == label } }
    observed = tally.observed
    expected = tally.expected
    covariance = tally.covariance
    // The last group follows from the others, so it is left out of the quadratic form.
    let kept = Array(0..<labels.count - 1)
    let differences = kept.map { Double(tally.observed[$0]) - tally.expected[$0] }
    guard let factor = try? Cholesky(tally.covariance.submatrix(kept)) else {
      throw .zeroVariance("log-rank")
    }
    let statistic = factor.forward(differences).reduce(0) { $0 + $1 * $1 }
    test = try ChiSquared(degreesOfFreedom: Double(kept.count)).test(statistic)
  }
}

/// Observed and expected events summed over event times.
private struct Tally {
  struct Patient {
    let time: Double
    let isEvent: Bool
    let group: Int
  }

  var observed: [Int]
  var expected: [Double]
  var covariance: SymmetricMatrix

  init(groupCount: Int) {
    observed = Array(repeating: 0, count: groupCount)
    expected = Array(repeating: 0, count: groupCount)
    covariance = SymmetricMatrix(dimension: groupCount)
  }

  mutating func add(_ patients: [Patient]) {
    let sorted = patients.sorted { $0.time < $1.time }
    var atRisk = observed.map { _ in 0 }
    for patient in sorted { atRisk[patient.group] += 1 }
    var start = 0
    while start < sorted.count {
      var end = start
      var events = 0
      var leaving = atRisk.map { _ in 0 }
      while end < sorted.count, sorted[end].time == sorted[start].time {
        leaving[sorted[end].group] += 1
        if sorted[end].isEvent {
          events += 1
          observed[sorted[end].group] += 1
        }
        end += 1
      }
      add(events: events, atRisk: atRisk)
      for group in atRisk.indices { atRisk[group] -= leaving[group] }
      start = end
    }
  }

  private mutating func add(events: Int, atRisk: [Int]) {
    guard events > 0 else { return }
    let total = Double(atRisk.reduce(0, +))
    let shares = atRisk.map { Double($0) / total }
    for group in shares.indices { expected[group] += Double(events) * shares[group] }
    guard total > 1 else { return }
    let factor = Double(events) * (total - Double(events)) / (total - 1)
    for row in shares.indices {
      for column in 0...row {
        let diagonal = row == column ? shares[row] : 0
        covariance[row, column] += factor * (diagonal - shares[row] * shares[column])
      }
    }
  }
}
