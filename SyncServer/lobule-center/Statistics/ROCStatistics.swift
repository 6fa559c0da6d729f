// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The file, the outcome and the score of a diagnostic test.
struct ScoreOptions: ParsableArguments {
  @OptionGroup var options: StatisticsOptions

  @Option(help: "The column with the outcome, 0 or 1.")
  var outcome: String

  @Option(help: "The column with the score; a high score means the event.")
  var score: String
}

/// The command `lobule-center statistics auc`.
struct AUCStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auc",
    abstract: "Area under the ROC curve with DeLong's standard error and limits."
  )

  @OptionGroup var score: ScoreOptions

  func run() async throws {
    let frame = try score.options.frame([score.outcome, score.score])
    let auc = try AUC.measure(
      scores: try frame.numbers(score.score),
      outcomes: try frame.outcomes(score.outcome)
    )
    // An area of 0 or 1 has no logit, and one patient of a kind no variance.
    let limits = auc.standardError == nil ? nil : try auc.interval()
    let logit = try? auc.logitInterval()
    let members: [String: StatisticsValue] = [
      "auc": .number(auc.estimate),
      "se": .number(auc.standardError),
      "lower": .number(limits?.low),
      "upper": .number(limits?.high),
      "logit_lower": .number(logit?.low),
      "logit_upper": .number(logit?.high),
      "cases": .integer(auc.caseCount),
      "controls": .integer(auc.controlCount),
    ]
    try score.options.print(members, of: frame) {
      var table = TextTable(["AUC", "SE", "95 % low", "95 % high", "logit low", "logit high"])
      table.add(
        [auc.estimate, auc.standardError, limits?.low, limits?.high, logit?.low, logit?.high]
          .map(StatisticsText.number)
      )
      return table.text + "\(auc.caseCount) with the event, \(auc.controlCount) without\n"
    }
  }
}

/// The command `lobule-center statistics delong`.
struct DeLongStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delong",
    abstract: "DeLong's test of two scores of the same patients."
  )

  @OptionGroup var score: ScoreOptions

  @Option(help: "The column with the other score.")
  var score2: String

  func run() async throws {
    let frame = try score.options.frame([score.outcome, score.score, score2])
    let comparison = try AUCComparison.paired(
      try frame.numbers(score.score),
      try frame.numbers(score2),
      outcomes: try frame.outcomes(score.outcome)
    )
    let limits = try comparison.interval()
    let members: [String: StatisticsValue] = [
      "auc1": .number(comparison.first.estimate),
      "auc2": .number(comparison.second.estimate),
      "difference": .number(comparison.difference.value),
      "se": .number(comparison.difference.standardError),
      "lower": .number(limits.low),
      "upper": .number(limits.high),
      "z": .number(comparison.test.statistic),
      "p": .number(comparison.test.p),
    ]
    try score.options.print(members, of: frame) {
      var table = TextTable(["AUC 1", "AUC 2", "difference", "95 % low", "95 % high", "z", "p"])
      table.add(
        [
          comparison.first.estimate, comparison.second.estimate, comparison.difference.value,
          limits.low, limits.high, comparison.test.statistic, comparison.test.p,
        ].map(StatisticsText.number)
      )
      return table.text
    }
  }
}

/// The command `lobule-center statistics youden`.
struct YoudenStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "youden",
    abstract: "The cut-offs with the largest sensitivity + specificity, all ties."
  )

  @OptionGroup var score: ScoreOptions

  func run() async throws {
    let frame = try score.options.frame([score.outcome, score.score])
    let curve = try ROCCurve(
      scores: try frame.numbers(score.score),
      outcomes: try frame.outcomes(score.outcome)
    )
    let optima = curve.youdenOptima.sorted { $0.threshold < $1.threshold }
    let rows = optima.map { point in
      StatisticsValue.object([
        "threshold": .number(point.threshold.isFinite ? point.threshold : nil),
        "sensitivity": .number(point.sensitivity),
        "specificity": .number(point.specificity),
      ])
    }
    try score.options.print(["cutoffs": .list(rows)], of: frame) {
      var table = TextTable(["cut-off", "sensitivity", "specificity", "Youden's index"])
      for point in optima {
        table.add(
          [point.threshold, point.sensitivity, point.specificity, point.youdenIndex]
            .map(StatisticsText.number)
        )
      }
      return table.text
    }
  }
}
