// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics calibration`.
struct CalibrationStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibration",
    abstract: "Calibration of predicted risks: slope, in the large, O:E, Brier, loess indices."
  )

  @OptionGroup var options: StatisticsOptions

  @Option(help: "The column with the outcome, 0 or 1.")
  var outcome: String

  @Option(help: "The column with the predicted risk, 0 to 1.")
  var risk: String

  func run() async throws {
    let frame = try options.frame([outcome, risk])
    let risks = try frame.numbers(risk)
    let outcomes = try frame.outcomes(outcome)
    let found = try Calibration.measure(risks: risks, outcomes: outcomes)
    let smooth = try SmoothCalibration(risks: risks, outcomes: outcomes)
    let members: [String: StatisticsValue] = [
      "slope": .number(found.slope.value),
      "slope_se": .number(found.slope.standardError),
      "intercept_joint": .number(found.jointIntercept.value),
      "intercept_joint_se": .number(found.jointIntercept.standardError),
      "citl": .number(found.inTheLarge.value),
      "citl_se": .number(found.inTheLarge.standardError),
      "o_e": .number(found.observedToExpected.ratio),
      "brier": .number(found.brier.value),
      "ici": .number(smooth.integratedIndex),
      "e50": .number(smooth.medianError),
      "e90": .number(smooth.ninetiethError),
      "emax": .number(smooth.largestError),
      "events": .integer(found.events),
      "clipped": .integer(found.clippedCount),
    ]
    try options.print(members, of: frame) {
      var table = TextTable(["measure", "value", "SE"])
      for (name, estimate) in [
        ("slope", found.slope), ("in the large", found.inTheLarge),
        ("intercept beside the slope", found.jointIntercept),
      ] {
        table.add([
          name, StatisticsText.number(estimate.value),
          StatisticsText.number(estimate.standardError),
        ])
      }
      for (name, value) in [
        ("O:E", found.observedToExpected.ratio), ("Brier score", found.brier.value),
        ("ICI", smooth.integratedIndex), ("E50", smooth.medianError),
        ("E90", smooth.ninetiethError), ("Emax", smooth.largestError),
      ] { table.add([name, StatisticsText.number(value)]) }
      return table.text + "\(found.events) events"
        + (found.clippedCount > 0 ? ", \(found.clippedCount) risks of 0 or 1 drawn in" : "") + "\n"
    }
  }
}
