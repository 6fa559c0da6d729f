// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The file and the columns of follow-up.
struct FollowUpOptions: ParsableArguments {
  @OptionGroup var options: StatisticsOptions

  @Option(help: "The column with the time of follow-up.")
  var time: String

  @Option(help: "The column with the status: 0 or 1, or 1 or 2, the higher for the event.")
  var status: String
}

/// The command `lobule-center statistics kaplan-meier`.
struct KaplanMeierStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaplan-meier",
    abstract: "Survival by the product-limit method, with log–log limits.",
    discussion: "Times after a group's last follow-up are left out for that group."
  )

  @OptionGroup var follow: FollowUpOptions

  @Option(help: "The column with the groups; one curve when not given.")
  var by: String?

  @Option(help: "Times to read the curve at, separated by commas.")
  var times: String?

  /// One group's curve, read at some times.
  struct Stratum {
    let name: String
    let curve: KaplanMeier
    let at: [(time: Double, survival: Double, limits: Interval?)]

    init(_ name: String, _ curve: KaplanMeier, at times: [Double]) {
      self.name = name
      self.curve = curve
      at = times.compactMap { time in
        guard let first = curve.steps.first, let last = curve.steps.last, time <= last.time,
          let survival = curve.survival(at: time)
        else { return nil }
        // Before the first follow-up ends, survival is 1 beyond doubt, as survfit has it.
        if time < first.time { return (time, survival, Interval(low: 1, high: 1)) }
        return (time, survival, curve.step(at: time)?.limits)
      }
    }
  }

  func run() async throws {
    let chosen = try times.map { try StatisticsText.numbers($0) } ?? []
    let frame = try follow.options.frame([follow.time, follow.status] + (by.map { [$0] } ?? []))
    let time = try frame.numbers(follow.time)
    let status = try frame.status(follow.status)
    let groups = try by.map { try frame.groups($0) }
    let names = groups?.names ?? ["all"]
    var members: [[Int]] = Array(repeating: [], count: names.count)
    for row in time.indices { members[groups?.codes[row] ?? 0].append(row) }
    var strata: [Stratum] = []
    for (code, name) in names.enumerated() {
      let curve = try KaplanMeier(
        times: members[code].map { time[$0] },
        events: members[code].map { status[$0] }
      )
      strata.append(Stratum(name, curve, at: chosen))
    }
    try follow.options.print(["strata": .list(strata.map(Self.value))], of: frame) {
      Self.text(strata)
    }
  }

  private static func value(_ stratum: Stratum) -> StatisticsValue {
    let median = stratum.curve.median
    return .object([
      "name": .text(stratum.name),
      "n": .integer(stratum.curve.count),
      "events": .integer(stratum.curve.events),
      "median": .number(median.time),
      "lower": .number(median.low),
      "upper": .number(median.high),
      "at": .list(
        stratum.at.map {
          .object([
            "time": .number($0.time), "surv": .number($0.survival),
            "lower": .number($0.limits?.low), "upper": .number($0.limits?.high),
            "at_risk": .integer(stratum.curve.atRisk(at: $0.time)),
          ])
        }
      ),
    ])
  }

  private static func text(_ strata: [Stratum]) -> String {
    var medians = TextTable(["group", "n", "events", "median", "95 % low", "95 % high"])
    var points = TextTable(["group", "time", "at risk", "survival", "95 % low", "95 % high"])
    for stratum in strata {
      let median = stratum.curve.median
      medians.add(
        [stratum.name, String(stratum.curve.count), String(stratum.curve.events)]
          + [median.time, median.low, median.high].map(StatisticsText.number)
      )
      for point in stratum.at {
        points.add(
          [
            stratum.name, StatisticsText.exact(point.time),
            String(stratum.curve.atRisk(at: point.time)),
          ]
            + [point.survival, point.limits?.low, point.limits?.high].map(StatisticsText.number)
        )
      }
    }
    return medians.text + (strata.allSatisfy(\.at.isEmpty) ? "" : "\n" + points.text)
  }
}

/// The command `lobule-center statistics log-rank`.
struct LogRankStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log-rank",
    abstract: "The log-rank test of equal survival in groups."
  )

  @OptionGroup var follow: FollowUpOptions

  @Option(help: "The column with the groups.")
  var by: String

  func run() async throws {
    let frame = try follow.options.frame([follow.time, follow.status, by])
    let groups = try frame.groups(by)
    let result = try LogRank.test(
      times: try frame.numbers(follow.time),
      events: try frame.status(follow.status),
      groups: groups.codes
    )
    let members: [String: StatisticsValue] = [
      "chisq": .number(result.test.statistic),
      "df": .number(result.test.degreesOfFreedom),
      "p": .number(result.test.p),
      "groups": .list(
        result.groups.indices.map {
          .object([
            "name": .text(groups.names[result.groups[$0]]),
            "n": .integer(result.counts[$0]),
            "observed": .integer(result.observed[$0]),
            "expected": .number(result.expected[$0]),
          ])
        }
      ),
    ]
    try follow.options.print(members, of: frame) {
      var table = TextTable(["group", "n", "observed", "expected"])
      for index in result.groups.indices {
        table.add([
          groups.names[result.groups[index]], String(result.counts[index]),
          String(result.observed[index]), StatisticsText.number(result.expected[index]),
        ])
      }
      return table.text + StatisticsText.chiSquare(result.test)
    }
  }
}
