// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics mixed`.
struct MixedStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mixed",
    abstract: "Logistic regression with a random intercept for each site."
  )

  @OptionGroup var formula: FormulaOptions

  @Option(help: "The column with the site.")
  var cluster: String

  @Option(help: "Quadrature points, 1 to 60; 1 is Laplace's approximation.")
  var points = 25

  func run() async throws {
    let problem = try formula.problem(others: [cluster])
    let sites = try problem.frame.groups(cluster)
    let fit = try RandomInterceptLogistic.fit(
      problem.design,
      outcomes: problem.outcomes,
      sites: sites.codes,
      points: points
    )
    let members: [String: StatisticsValue] = [
      "coef": .byTerm(fit.coefficients, \.estimate),
      "se": .byTerm(fit.coefficients, \.standardError),
      "p": .byTerm(fit.coefficients, \.p),
      "sd_intercept": .number(fit.deviation),
      "loglik": .number(fit.logLikelihood),
      "median_odds_ratio": .number(fit.medianOddsRatio),
      "sites": .integer(sites.names.count),
      "events": problem.events,
    ]
    try formula.options.print(members, of: problem.frame) {
      StatisticsText.coefficients(fit.coefficients, ratio: "odds ratio")
        + "Standard deviation of the intercepts of \(sites.names.count) sites "
        + "\(StatisticsText.number(fit.deviation)); log likelihood "
        + "\(StatisticsText.number(fit.logLikelihood))\n"
    }
  }
}
