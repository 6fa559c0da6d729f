// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry

/// Progression-free survival by risk group, from a landmark at which the predictors are known.
///
/// Patients with an event or without follow-up up to the landmark are left out and counted: from
/// day 0 they would give the groups time in which nobody could yet be classified.
///
/// Source: Anderson, Cain & Gelber, J Clin Oncol 1983;1:710–719, doi:10.1200/JCO.1983.1.11.710.
public struct LandmarkSurvival: Codable, Hashable, Sendable {
  /// The landmark, in days from treatment start.
  public var landmarkDay: Int
  /// Patients whose time is not known.
  public var unknown: Int
  /// Patients whose time ends at or before the landmark.
  public var endedBefore: Int
  /// The risk groups, high first.
  public var groups: [Group]
  /// The log-rank statistic, stratified by site where there are several.
  public var statistic: Double?
  /// Its p-value.
  public var p: Double?

  private enum CodingKeys: String, CodingKey {
    case unknown, groups, statistic, p
    case landmarkDay = "landmark_day"
    case endedBefore = "ended_before"
  }

  /// One risk group.
  public struct Group: Codable, Hashable, Sendable {
    /// `high` or `low`.
    public var riskGroup: String
    /// Patients at the landmark.
    public var n: Int
    /// Events after it.
    public var events: Int
    /// Median days from the landmark; absent when not reached.
    public var median: Double?
    /// The lower 95 % limit of the median.
    public var medianLow: Double?
    /// The upper 95 % limit of the median; absent when not reached.
    public var medianHigh: Double?
    /// The survival curve.
    public var curve: [Point]

    private enum CodingKeys: String, CodingKey {
      case n, events, median, curve
      case riskGroup = "risk_group"
      case medianLow = "median_low"
      case medianHigh = "median_high"
    }
  }

  /// A step of a survival curve.
  public struct Point: Codable, Hashable, Sendable {
    /// Days from the landmark.
    public var time: Double
    /// Patients at risk just before.
    public var atRisk: Int
    /// The share still free of progression.
    public var survival: Double

    private enum CodingKeys: String, CodingKey {
      case time, survival
      case atRisk = "at_risk"
    }
  }
}

extension LandmarkSurvival {
  /// Follows patients from the landmark of the plan; nil when the plan asks for none.
  static func measure(
    _ patients: [AnalysedPatient],
    risks: [Double],
    cutoff: Double,
    plan: AnalysisPlan
  ) -> LandmarkSurvival? {
    guard let definition = plan.survival, let day = plan.landmarkDay else { return nil }
    let sites = patients.sites
    var result = LandmarkSurvival(landmarkDay: day, unknown: 0, endedBefore: 0, groups: [])
    var (times, events, groups, strata): ([Double], [Bool], [Int], [Int]) = ([], [], [], [])
    for (patient, risk) in zip(patients, risks) {
      guard let time = definition.derive(patient.row) else {
        result.unknown += 1
        continue
      }
      guard time.days > day else {
        result.endedBefore += 1
        continue
      }
      times.append(Double(time.days - day))
      events.append(time.isEvent)
      groups.append(risk >= cutoff ? 0 : 1)
      strata.append(sites.firstIndex(of: patient.row.site) ?? 0)
    }
    for (group, name) in ["high", "low"].enumerated() {
      let own = times.indices.filter { groups[$0] == group }
      if let summary = summary(name, own.map { times[$0] }, own.map { events[$0] }) {
        result.groups.append(summary)
      }
    }
    guard !result.groups.isEmpty else { return nil }
    let test = try? LogRank.test(
      times: times,
      events: events,
      groups: groups,
      strata: sites.count > 1 ? strata : nil
    ).test
    result.statistic = test?.statistic
    result.p = test?.p
    return result
  }

  private static func summary(_ name: String, _ times: [Double], _ events: [Bool]) -> Group? {
    guard !times.isEmpty, let curve = try? KaplanMeier(times: times, events: events) else {
      return nil
    }
    let median = curve.median
    return Group(
      riskGroup: name,
      n: curve.count,
      events: curve.events,
      median: median.time,
      medianLow: median.low,
      medianHigh: median.high,
      curve: curve.steps.map { Point(time: $0.time, atRisk: $0.atRisk, survival: $0.survival) }
    )
  }
}
