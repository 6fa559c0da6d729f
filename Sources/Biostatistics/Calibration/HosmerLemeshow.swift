// SPDX-License-Identifier: Apache-2.0

/// The Hosmer–Lemeshow test of calibration, which is weak.
///
/// Its verdict depends on the grouping, says nothing of direction or size, and comes with the
/// number of patients; TRIPOD+AI advises against it. It is here to compare with older reports and
/// decides nothing.
///
/// Source: Hosmer & Lemeshow, Commun Stat Theory Methods 1980;9:1043–1069,
/// doi:10.1080/03610928008827941.
public struct HosmerLemeshow: Equatable, Sendable {
  /// Patients with neighbouring risks.
  public struct Group: Equatable, Sendable {
    /// The highest risk of the group, included.
    public let upperRisk: Double
    /// Patients.
    public let count: Int
    /// Patients with the event.
    public let observed: Int
    /// The sum of the risks.
    public let expected: Double
  }

  /// The groups, risks rising.
  public let groups: [Group]
  /// The statistic on groups − 2 degrees of freedom, for the cohort the model was fitted to.
  public let development: TestResult?
  /// The statistic on as many degrees of freedom as groups, for another cohort.
  public let external: TestResult

  /// Tests risks in groups of about equal size.
  ///
  /// Groups end at type-7 quantiles of the risks, the end included; equal quantiles make one
  /// group.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n).
  ///   - groupCount: The number of groups, at least 2.
  /// - Returns: The groups and both tests; the one for development needs three groups.
  /// - Throws: `outOfRange`, `zeroVariance` when a group expects 0 or only events, or a refusal
  ///   of malformed input.
  public static func test(
    risks: [Double],
    outcomes: [Bool],
    groupCount: Int = 10
  ) throws(BiostatisticsError) -> HosmerLemeshow {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    guard (2...1000).contains(groupCount) else {
      throw .outOfRange(parameter: "groupCount", value: Double(groupCount))
    }
    var ends: [Double] = []
    let sorted = risks.sorted()
    for step in 1...groupCount {
      let end = try Quantile.type7(sorted, Double(step) / Double(groupCount))
      if ends.last != end { ends.append(end) }
    }
    // A first quantile equal to the smallest risk is the open end of the next group.
    if ends.count > 1, ends[0] == sorted[0] { ends.removeFirst() }
    var groups: [Group] = []
    var statistic = 0.0
    for (index, end) in ends.enumerated() {
      let start = index == 0 ? -Double.infinity : ends[index - 1]
      let rows = risks.indices.filter { risks[$0] > start && risks[$0] <= end }
      let expected = rows.reduce(0) { $0 + risks[$1] }
      let observed = rows.count { outcomes[$0] }
      let variance = expected * (1 - expected / Double(max(1, rows.count)))
      guard !rows.isEmpty else { continue }
      guard variance > 0 else { throw .zeroVariance("risks") }
      let distance = Double(observed) - expected
      statistic += distance * distance / variance
      groups.append(
        Group(upperRisk: end, count: rows.count, observed: observed, expected: expected)
      )
    }
    let size = Double(groups.count)
    return HosmerLemeshow(
      groups: groups,
      development: size > 2
        ? try ChiSquared(degreesOfFreedom: size - 2).test(statistic) : nil,
      external: try ChiSquared(degreesOfFreedom: size).test(statistic)
    )
  }
}
