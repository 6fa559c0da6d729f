// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics decision-curve`.
struct DecisionCurveStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decision-curve",
    abstract: "Net benefit of treating by predicted risk, at each threshold."
  )

  @OptionGroup var options: StatisticsOptions

  @Option(help: "The column with the outcome, 0 or 1.")
  var outcome: String

  @Option(help: "The column with the predicted risk, 0 to 1.")
  var risk: String

  @Option(help: "Threshold probabilities between 0 and 1, separated by commas.")
  var thresholds: String

  func run() async throws {
    let chosen = try StatisticsText.numbers(thresholds)
    let frame = try options.frame([outcome, risk])
    let points = try DecisionCurve.measure(
      risks: try frame.numbers(risk),
      outcomes: try frame.outcomes(outcome),
      thresholds: chosen
    )
    let rows = points.map { point in
      StatisticsValue.object([
        "threshold": .number(point.threshold),
        "nb_model": .number(point.netBenefit),
        "nb_all": .number(point.treatAll),
        "interventions_avoided_per_100": .number(point.interventionsAvoidedPer100),
      ])
    }
    try options.print(["rows": .list(rows)], of: frame) {
      var table = TextTable(["threshold", "net benefit", "treat all", "avoided per 100"])
      for point in points {
        table.add(
          [point.threshold, point.netBenefit, point.treatAll, point.interventionsAvoidedPer100]
            .map(StatisticsText.number)
        )
      }
      return table.text
    }
  }
}
