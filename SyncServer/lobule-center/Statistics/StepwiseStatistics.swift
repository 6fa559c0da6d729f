// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics stepwise`.
struct StepwiseStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stepwise",
    abstract: "Stepwise selection of predictors by Akaike's criterion."
  )

  /// Where the search starts and which changes it tries.
  enum Direction: String, ExpressibleByArgument, CaseIterable {
    case backward
    case both
    case forward

    var selection: StepwiseSelection.Direction {
      switch self {
      case .backward: .backward
      case .both: .both
      case .forward: .forward
      }
    }
  }

  @OptionGroup var formula: FormulaOptions

  @Option(help: "backward or both from all predictors, or forward from none.")
  var direction = Direction.backward

  @Option(help: "The penalty on each term: 2, or the logarithm of the rows for Bayes' criterion.")
  var penalty = 2.0

  func run() async throws {
    let problem = try formula.problem()
    let terms = try termsByColumn(problem)
    let found = try StepwiseSelection.select(
      problem.design,
      outcomes: problem.outcomes,
      direction: direction.selection,
      penaltyPerTerm: penalty
    )
    let members: [String: StatisticsValue] = [
      "kept": .list(found.kept.map { .text(terms[$0] ?? $0) }),
      "aic": .number(found.steps.last?.criterion ?? found.fit.aic),
      "coef": .byTerm(found.fit.coefficients, \.estimate),
      "steps": .list(found.steps.map { .text(Self.text($0.change, terms)) }),
      "step_aic": .numbers(found.steps.map(\.criterion)),
      "events": problem.events,
    ]
    try formula.options.print(members, of: problem.frame) {
      var table = TextTable(["step", penalty == 2 ? "AIC" : "criterion"])
      for step in found.steps {
        let change = Self.text(step.change, terms)
        table.add([change.isEmpty ? "start" : change, StatisticsText.number(step.criterion)])
      }
      return table.text + "\n"
        + StatisticsText.coefficients(found.fit.coefficients, ratio: "odds ratio")
        + "Selected models look better than they are; p values take no account of the search.\n"
    }
  }

  /// The predictor of each column.
  ///
  /// - Throws: `CommandFailure` for text with three levels or more, whose indicators would be left
  ///   out one by one.
  private func termsByColumn(_ problem: FormulaOptions.Problem) throws -> [String: String] {
    var terms: [String: String] = [:]
    for predictor in problem.predictors {
      let columns = try problem.frame.columns(of: predictor)
      guard columns.count == 1 else {
        throw CommandFailure(
          .refused,
          what: "Stepwise selection takes numbers, or text with two values",
          to: predictor.column,
          todo: "Recode it as columns of 0 and 1"
        )
      }
      terms[columns[0].name] = predictor.term
    }
    return terms
  }

  private static func text(
    _ change: StepwiseSelection.Change,
    _ terms: [String: String]
  ) -> String {
    switch change {
    case .start: ""
    case .dropped(let column): "- \(terms[column] ?? column)"
    case .added(let column): "+ \(terms[column] ?? column)"
    }
  }
}
