// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics kappa`.
struct KappaStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kappa",
    abstract: "Cohen's kappa of two readers, unweighted or weighted."
  )

  /// How much a disagreement counts.
  enum Weights: String, ExpressibleByArgument, CaseIterable {
    case none
    case linear
    case quadratic

    var weighting: CohenKappa.Weighting {
      switch self {
      case .none: .unweighted
      case .linear: .linear
      case .quadratic: .quadratic
      }
    }
  }

  @OptionGroup var options: StatisticsOptions

  @Option(help: "The columns of the two readers, separated by a comma.")
  var columns: String

  @Option(help: "none, linear or quadratic.")
  var weights = Weights.none

  func run() async throws {
    let names = try StatisticsText.names(columns)
    guard names.count == 2 else {
      throw CommandFailure(
        .usage,
        what: "Kappa compares two readers",
        to: columns,
        todo: "Write COLUMN,COLUMN"
      )
    }
    let frame = try options.frame(names)
    let ratings = try frame.commonGroups(names[0], names[1])
    let kappa = try CohenKappa.measure(
      ratings.first,
      ratings.second,
      categoryCount: ratings.names.count,
      weighting: weights.weighting
    )
    let limits = try kappa.estimate.interval()
    let members: [String: StatisticsValue] = [
      "kappa": .number(kappa.estimate.value),
      "se": .number(kappa.estimate.standardError),
      "lower": .number(limits.low),
      "upper": .number(limits.high),
      "observed_agreement": .number(kappa.observedAgreement),
      "expected_agreement": .number(kappa.expectedAgreement),
      "z": .number(kappa.test.statistic),
      "p": .number(kappa.test.p),
      "categories": .list(ratings.names.map { .text($0) }),
    ]
    try options.print(members, of: frame) {
      var table = TextTable(["kappa", "SE", "95 % low", "95 % high", "z", "p"])
      table.add(
        [
          kappa.estimate.value, kappa.estimate.standardError, limits.low, limits.high,
          kappa.test.statistic, kappa.test.p,
        ].map(StatisticsText.number)
      )
      return table.text + "Categories: \(ratings.names.joined(separator: ", "))\n"
    }
  }
}

/// The command `lobule-center statistics icc`.
struct IntraclassStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "icc",
    abstract: "Intraclass correlation of readings: ICC(1,1), ICC(2,1) and ICC(3,1)."
  )

  @OptionGroup var options: StatisticsOptions

  @Option(help: "The columns of the readers, separated by commas; all when not given.")
  var columns: String?

  func run() async throws {
    let names = try columns.map { try StatisticsText.names($0) }
    let frame = try options.frame(names)
    var readers: [[Double]] = []
    for name in names ?? frame.columnNames.filter({ !$0.isEmpty }) {
      readers.append(try frame.numbers(name))
    }
    let readings = (0..<frame.count).map { row in readers.map { $0[row] } }
    let forms: [(String, String, IntraclassCorrelation.Form)] = [
      ("icc_1_1", "ICC(1,1)", .oneWay), ("icc_2_1", "ICC(2,1)", .absoluteAgreement),
      ("icc_3_1", "ICC(3,1)", .consistency),
    ]
    var members: [String: StatisticsValue] = ["readers": .integer(readers.count)]
    var table = TextTable(["form", "ICC", "95 % low", "95 % high"])
    for (key, label, form) in forms {
      let result = try IntraclassCorrelation.measure(readings, form: form)
      members[key] = .object([
        "icc": .number(result.estimate), "lower": .number(result.limits.low),
        "upper": .number(result.limits.high),
      ])
      table.add(
        [label]
          + [result.estimate, result.limits.low, result.limits.high].map(StatisticsText.number)
      )
    }
    try options.print(members, of: frame) { table.text }
  }
}
