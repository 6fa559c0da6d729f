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
    /// Other deaths before any progression: competing, censored in the curve.
    public var competing: Int
    /// Cumulative incidence of progression and of competing death (Aalen–Johansen).
    public var incidence: [Incidence]

    private enum CodingKeys: String, CodingKey {
      case n, events, median, curve, competing, incidence
      case riskGroup = "risk_group"
      case medianLow = "median_low"
      case medianHigh = "median_high"
    }
  }

  /// A step of both cumulative incidences.
  public struct Incidence: Codable, Hashable, Sendable {
    /// Days from the landmark.
    public var time: Double
    /// The share that has progressed.
    public var progression: Double
    /// The share that has died otherwise before progression.
    public var competing: Double
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
    var competing: [Bool] = []
    let places = Dictionary(uniqueKeysWithValues: sites.enumerated().map { ($1, $0) })
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
      strata.append(places[patient.row.site] ?? 0)
      competing.append(!time.isEvent && isOtherDeath(patient.row, definition))
    }
    for (group, name) in ["high", "low"].enumerated() {
      let own = times.indices.filter { groups[$0] == group }
      if let summary = summary(
        name,
        own.map { times[$0] },
        own.map { events[$0] },
        own.map { competing[$0] }
      ) {
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

  private static func isOtherDeath(
    _ row: AnalysisRow,
    _ definition: ProgressionFreeSurvival
  ) -> Bool {
    row.day(definition.death) != nil
      && !(row.code(definition.cause).map(definition.tumour.contains) ?? false)
  }

  private static func summary(
    _ name: String,
    _ times: [Double],
    _ events: [Bool],
    _ competing: [Bool]
  ) -> Group? {
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
      curve: curve.steps.map { Point(time: $0.time, atRisk: $0.atRisk, survival: $0.survival) },
      competing: competing.count { $0 },
      incidence: incidence(times, events, competing)
    )
  }

  /// Aalen and Johansen's estimator; of ties, both causes share the patients at risk.
  ///
  /// Source: Aalen & Johansen, Scand J Stat 1978;5:141–150.
  static func incidence(
    _ times: [Double],
    _ events: [Bool],
    _ competing: [Bool]
  ) -> [Incidence] {
    var (free, own, other, atRisk) = (1.0, 0.0, 0.0, Double(times.count))
    var steps: [Incidence] = []
    let order = times.indices.sorted { times[$0] < times[$1] }
    var start = 0
    while start < order.count {
      var (progressed, died, end) = (0.0, 0.0, start)
      while end < order.count, times[order[end]] == times[order[start]] {
        if events[order[end]] { progressed += 1 } else if competing[order[end]] { died += 1 }
        end += 1
      }
      if progressed + died > 0 {
        own += free * progressed / atRisk
        other += free * died / atRisk
        free *= 1 - (progressed + died) / atRisk
        steps.append(Incidence(time: times[order[start]], progression: own, competing: other))
      }
      atRisk -= Double(end - start)
      start = end
    }
    return steps
  }
}
