// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// How a model is fitted.
enum FitChoice: String, ExpressibleByArgument, CaseIterable {
  case ml
  case firth
}

/// The command `lobule-center statistics iecv`.
struct InternalExternalStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iecv",
    abstract: "Internal–external cross-validation: each site predicted by the others, pooled.",
    discussion:
      "Pooled by REML with Hartung–Knapp limits on t with sites − 1 degrees of freedom; i2 is in percent."
  )

  @OptionGroup var formula: FormulaOptions

  @Option(help: "The column with the site.")
  var cluster: String

  @Option(help: "ml or firth.")
  var fit = FitChoice.ml

  private static let measures: [(String, InternalExternalValidation.Measure)] = [
    ("logit_auc", .logitAUC), ("slope", .slope), ("citl", .inTheLarge),
    ("log_oe", .logObservedToExpected),
  ]

  func run() async throws {
    let problem = try formula.problem(others: [cluster])
    let sites = try problem.frame.groups(cluster)
    let found = try InternalExternalValidation.measure(
      problem.design,
      outcomes: problem.outcomes,
      sites: sites.codes.map { sites.names[$0] },
      fitting: fit == .firth ? .firth : .maximumLikelihood
    )
    var pooled: [String: StatisticsValue] = [:]
    var table = TextTable(["pooled", "estimate", "low", "high", "tau²", "predicted", "to"])
    for (name, measure) in Self.measures {
      // A measure that exists at too few sites is not pooled.
      guard let effect = try? found.pool(measure) else {
        pooled[name] = .number(nil)
        table.add([name, "–"])
        continue
      }
      let limits = try effect.interval()
      let prediction = try? effect.predictionInterval(.asMean)
      pooled[name] = .object([
        "estimate": .number(effect.mean.value), "se": .number(effect.mean.standardError),
        "lower": .number(limits.low), "upper": .number(limits.high),
        "tau2": .number(effect.betweenVariance), "i2": .number(100 * effect.inconsistency),
        "prediction_lower": .number(prediction?.low), "prediction_upper": .number(prediction?.high),
        "sites": .integer(effect.count),
      ])
      table.add(
        [name]
          + [
            effect.mean.value, limits.low, limits.high, effect.betweenVariance, prediction?.low,
            prediction?.high,
          ].map(StatisticsText.number)
      )
    }
    let members: [String: StatisticsValue] = [
      "by_site": .list(found.sites.map(Self.value)),
      "pooled": .object(pooled),
      "refused": .list(found.refusals.map(Self.value)),
      "events": problem.events,
    ]
    try formula.options.print(members, of: problem.frame) {
      Self.text(found) + "\n" + table.text
    }
  }

  private static func value(_ refusal: InternalExternalValidation.Refusal) -> StatisticsValue {
    .object([
      "left_out": .text(refusal.name),
      "reason": .text(StatisticsFailure.describe(refusal.reason).message),
    ])
  }

  private static func value(_ site: InternalExternalValidation.Site) -> StatisticsValue {
    .object([
      "left_out": .text(site.name),
      "n": .integer(site.count),
      "events": .integer(site.events),
      "auc": .number(site.auc.estimate),
      "auc_se": .number(site.auc.standardError),
      "citl": .number(site.calibration.inTheLarge.value),
      "citl_se": .number(site.calibration.inTheLarge.standardError),
      "slope": .number(site.calibration.slope.value),
      "slope_se": .number(site.calibration.slope.standardError),
      "log_oe": .number(try? site.calibration.observedToExpected.logarithm().value),
    ])
  }

  private static func text(_ found: InternalExternalValidation) -> String {
    var table = TextTable(["left out", "n", "events", "AUC", "slope", "in the large", "O:E"])
    for site in found.sites {
      table.add(
        [site.name, String(site.count), String(site.events)]
          + [
            site.auc.estimate, site.calibration.slope.value, site.calibration.inTheLarge.value,
            site.calibration.observedToExpected.ratio,
          ].map(StatisticsText.number)
      )
    }
    return table.text
      + found.refusals.map {
        "\($0.name): not validated. \(StatisticsFailure.describe($0.reason).message)\n"
      }.joined()
  }
}
