// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics cox`.
struct CoxStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cox",
    abstract: "Cox's proportional hazards regression."
  )

  /// How tied event times are handled.
  enum TiesChoice: String, ExpressibleByArgument, CaseIterable {
    case efron
    case breslow
  }

  @OptionGroup var follow: FollowUpOptions

  @Option(help: "The columns with the predictors, separated by commas.")
  var predictors: String

  @Option(help: "How tied event times are handled: efron or breslow.")
  var ties = TiesChoice.efron

  func run() async throws {
    let names = try StatisticsText.names(predictors)
    let frame = try follow.options.frame([follow.time, follow.status] + names)
    let times = try frame.numbers(follow.time)
    let events = try frame.status(follow.status)
    let fit = try CoxFit.fit(
      try frame.design(names.map { ModelFormula.Predictor($0) }),
      times: times,
      events: events,
      ties: ties == .efron ? .efron : .breslow
    )
    let concordance = try Concordance.measure(
      scores: fit.linearPredictor,
      times: times,
      events: events
    )
    let members: [String: StatisticsValue] = [
      "coef": .byTerm(fit.coefficients, \.estimate),
      "se": .byTerm(fit.coefficients, \.standardError),
      "p": .byTerm(fit.coefficients, \.p),
      "loglik": .number(fit.logLikelihood),
      "null_loglik": .number(fit.nullLogLikelihood),
      "concordance": .number(concordance.estimate.value),
      "concordance_se": .number(concordance.estimate.standardError),
      "events": .integer(fit.events),
    ]
    try follow.options.print(members, of: frame) {
      StatisticsText.coefficients(fit.coefficients, ratio: "hazard ratio")
        + "Log likelihood \(StatisticsText.number(fit.logLikelihood)), without predictors "
        + "\(StatisticsText.number(fit.nullLogLikelihood)); concordance "
        + "\(StatisticsText.number(concordance.estimate.value)); \(fit.events) events\n"
    }
  }
}
