// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The file and formula of a regression of a binary outcome.
struct FormulaOptions: ParsableArguments {
  @OptionGroup var options: StatisticsOptions

  @Option(help: "OUTCOME ~ COLUMN + COLUMN; the outcome is 0 or 1.")
  var formula: String

  /// A regression's data.
  struct Problem {
    let frame: StatisticsFrame
    let design: DesignMatrix
    let outcomes: [Bool]
    let predictors: [ModelFormula.Predictor]

    var events: StatisticsValue { .integer(outcomes.count { $0 }) }
  }

  /// Reads the file as the formula says; `others` are columns with parts of their own.
  func problem(others: [String] = []) throws -> Problem {
    let formula = try ModelFormula(formula)
    let frame = try options.frame(formula.columns.map { $0 + others })
    let predictors = formula.predictors(in: frame.columnNames, except: others)
    return Problem(
      frame: frame,
      design: try frame.design(predictors),
      outcomes: try frame.outcomes(formula.outcome),
      predictors: predictors
    )
  }
}

/// How limits are obtained.
enum LimitChoice: String, ExpressibleByArgument, CaseIterable {
  case profile
  case wald
}

/// The command `lobule-center statistics logistic`.
struct LogisticStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logistic",
    abstract: "Logistic regression by maximum likelihood, with Wald and profile limits."
  )

  @OptionGroup var formula: FormulaOptions

  @Option(help: "profile, or wald to leave the slower profile limits out.")
  var limits = LimitChoice.profile

  func run() async throws {
    let problem = try formula.problem()
    let fit = try LogisticFit.fit(problem.design, outcomes: problem.outcomes)
    var members: [String: StatisticsValue] = [
      "coef": .byTerm(fit.coefficients, \.estimate),
      "se": .byTerm(fit.coefficients, \.standardError),
      "z": .byTerm(fit.coefficients, \.z),
      "p": .byTerm(fit.coefficients, \.p),
      "wald_lower": .byTerm(fit.coefficients, \.low),
      "wald_upper": .byTerm(fit.coefficients, \.high),
      "deviance": .number(fit.deviance),
      "null_deviance": .number(fit.nullDeviance),
      "loglik": .number(fit.logLikelihood),
      "aic": .number(fit.aic),
      "events": problem.events,
    ]
    var rows = fit.coefficients
    if limits == .profile {
      rows = try LogisticFit.profileCoefficients(problem.design, outcomes: problem.outcomes)
      members["profile_lower"] = .byTerm(rows, \.low)
      members["profile_upper"] = .byTerm(rows, \.high)
    }
    try formula.options.print(members, of: problem.frame) {
      StatisticsText.coefficients(rows, ratio: "odds ratio")
        + "Limits and p: \(limits == .profile ? "profile likelihood" : "Wald")\n"
        + "Deviance \(StatisticsText.number(fit.deviance)), without predictors "
        + "\(StatisticsText.number(fit.nullDeviance)), AIC \(StatisticsText.number(fit.aic))\n"
    }
  }
}

/// The command `lobule-center statistics firth`.
struct FirthStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firth",
    abstract: "Firth's penalised logistic regression, which exists under separation too."
  )

  @OptionGroup var formula: FormulaOptions

  @Option(help: "profile, or wald for the faster limits.")
  var limits = LimitChoice.profile

  func run() async throws {
    let problem = try formula.problem()
    let fit = try FirthFit.fit(
      problem.design,
      outcomes: problem.outcomes,
      limits: limits == .profile ? .profile : .wald
    )
    let members: [String: StatisticsValue] = [
      "coef": .byTerm(fit.coefficients, \.estimate),
      "se_inverse_fisher": .byTerm(fit.coefficients, \.standardError),
      "\(limits)_lower": .byTerm(fit.coefficients, \.low),
      "\(limits)_upper": .byTerm(fit.coefficients, \.high),
      "p": .byTerm(fit.coefficients, \.p),
      "penalized_loglik": .number(fit.penalisedLogLikelihood),
      "null_penalized_loglik": .number(fit.nullPenalisedLogLikelihood),
      "calibrated_intercept": .number(fit.calibratedIntercept),
      "events": problem.events,
    ]
    try formula.options.print(members, of: problem.frame) {
      StatisticsText.coefficients(fit.coefficients, ratio: "odds ratio")
        + "Penalised log likelihood \(StatisticsText.number(fit.penalisedLogLikelihood)); "
        + "intercept for unbiased risks \(StatisticsText.number(fit.calibratedIntercept))\n"
    }
  }
}

/// The command `lobule-center statistics separation`.
struct SeparationStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "separation",
    abstract: "Whether predictors tell events from the others without error."
  )

  @OptionGroup var formula: FormulaOptions

  func run() async throws {
    let problem = try formula.problem()
    let found = try Separation.detect(problem.design, outcomes: problem.outcomes)
    let members: [String: StatisticsValue] = [
      "separated": .flag(found.kind != .none),
      "complete": .flag(found.kind == .complete),
      "infinite_terms": .list(found.infiniteTerms.map { .text($0) }),
      "separated_rows": .integer(found.separatedCount),
      "events": problem.events,
    ]
    try formula.options.print(members, of: problem.frame) {
      switch found.kind {
      case .none: "The outcomes overlap; maximum-likelihood estimates exist.\n"
      case .quasiComplete, .complete:
        "The outcomes are \(found.kind == .complete ? "completely" : "quasi-completely") separated; "
          + "these estimates are infinite: \(found.infiniteTerms.joined(separator: ", ")). "
          + "Use `statistics firth`.\n"
      }
    }
  }
}
