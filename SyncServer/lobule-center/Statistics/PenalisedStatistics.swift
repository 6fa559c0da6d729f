// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The file and settings of a path of penalties chosen by cross-validation.
struct PenalisedOptions: ParsableArguments {
  @OptionGroup var options: StatisticsOptions

  @Option(help: "The column with the outcome, 0 or 1.")
  var outcome: String

  @Option(help: "The columns with the predictors, separated by commas.")
  var predictors: String

  @Option(help: "The column with the fold of each row; at least three folds.")
  var folds: String

  @Option(help: "The number of penalties.")
  var lambdas = 100

  @Option(help: "The smallest penalty over the largest; 0.0001 or 0.01 when not given.")
  var lambdaMinRatio: Double?

  /// Computes and prints; `mixing` is the share of the absolute penalty.
  func run(mixing: Double) throws {
    let names = try StatisticsText.names(predictors)
    let frame = try options.frame(names + [outcome, folds])
    let outcomes = try frame.outcomes(outcome)
    let found = try PenalisedCrossValidation.measure(
      try frame.design(names.map { ModelFormula.Predictor($0) }),
      outcomes: outcomes,
      folds: try frame.groups(folds).codes,
      options: PenalisedPathOptions(
        mixing: mixing,
        penaltyCount: lambdas,
        smallestRatio: lambdaMinRatio,
        // What is left is the square: far below what glmnet leaves at its smallest threshold.
        tolerance: 1e-7
      )
    )
    let terms = found.path.terms
    func byTerm(_ values: [Double]) -> StatisticsValue {
      .object(
        Dictionary(zip(terms, values.map { .number($0) }), uniquingKeysWith: { $1 })
      )
    }
    let members: [String: StatisticsValue] = [
      "lambda": .numbers(found.path.penalties),
      "dev_ratio": .numbers(found.path.devianceRatios),
      "nonzero": .list(found.path.nonzeroCounts.map { .integer($0) }),
      "cv_mean": .numbers(found.meanLosses),
      "cv_se": .numbers(found.standardErrors),
      "lambda_min": .number(found.minimumPenalty),
      "lambda_1se": .number(found.oneStandardErrorPenalty),
      "coef_min": byTerm(found.minimumCoefficients),
      "coef_1se": byTerm(found.oneStandardErrorCoefficients),
      "events": .integer(outcomes.count { $0 }),
    ]
    try options.print(members, of: frame) { Self.text(found) }
  }

  private static func text(_ found: PenalisedCrossValidation) -> String {
    var penalties = TextTable(["choice", "penalty", "CV deviance", "SE", "nonzero"])
    for (name, index) in [
      ("smallest deviance", found.minimumIndex), ("one SE", found.oneStandardErrorIndex),
    ] {
      penalties.add([
        name, StatisticsText.number(found.path.penalties[index]),
        StatisticsText.number(found.meanLosses[index]),
        StatisticsText.number(found.standardErrors[index]),
        String(found.path.nonzeroCounts[index]),
      ])
    }
    var coefficients = TextTable(["term", "smallest deviance", "one SE"])
    for (index, term) in found.path.terms.enumerated() {
      coefficients.add([
        term, StatisticsText.number(found.minimumCoefficients[index]),
        StatisticsText.number(found.oneStandardErrorCoefficients[index]),
      ])
    }
    return penalties.text + "\n" + coefficients.text
  }
}

/// The command `lobule-center statistics lasso`.
struct LassoStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lasso",
    abstract: "LASSO logistic regression, its penalty chosen by cross-validation over given folds."
  )

  @OptionGroup var penalised: PenalisedOptions

  func run() async throws { try penalised.run(mixing: 1) }
}

/// The command `lobule-center statistics ridge`.
struct RidgeStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ridge",
    abstract: "Ridge logistic regression, its penalty chosen by cross-validation over given folds."
  )

  @OptionGroup var penalised: PenalisedOptions

  func run() async throws { try penalised.run(mixing: 0) }
}
