// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry
public import RiskModel

/// Refits the plan's model on pooled patients.
public enum ModelRefit {
  /// The name of the model with the published cohort added.
  static let stacked = "stacked_firth"

  /// Fits the full model by every method, the smaller models, and the left-out-site check.
  ///
  /// - Parameters:
  ///   - rows: All patients, withdrawn and incomplete ones included.
  ///   - plan: The analysis plan.
  ///   - incumbent: The release that is current.
  ///   - developmentRows: The published cohort; the plan's own when nil.
  /// - Returns: All models, the plan's choice and the gate.
  /// - Throws: `noCompleteRows`, `oneOutcomeOnly`, or `nothingFitted`.
  public static func refit(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    incumbent: ModelRelease,
    developmentRows: PublishedCohort? = nil
  ) throws(PooledAnalysisError) -> RefitReport {
    let set = AnalysisSet(rows, predictors: plan.predictors, plan: plan)
    guard !set.patients.isEmpty else { throw .noCompleteRows }
    let (terms, outcomes) = (set.patients.terms, set.patients.outcomes)
    let events = outcomes.count { $0 }
    guard events > 0, events < outcomes.count else {
      throw .oneOutcomeOnly(n: outcomes.count, events: events)
    }
    var (models, failures): ([String: ModelSummary], [String: String]) = ([:], [:])
    for method in [FittedModel.Method.maximumLikelihood, .firth] {
      fit(method, method.rawValue, set.termNames, terms, outcomes, &models, &failures)
    }
    addStacked(set, developmentRows ?? plan.publishedCohort, &models, &failures)
    let choice = choose(set, plan, models)
    guard let choice else { throw .nothingFitted }
    let smaller = comparators(set, plan)
    let method: FittedModel.Method =
      choice.name == "maximum_likelihood" ? .maximumLikelihood : .firth
    let cross = CrossValidation.run(set, method: method, plan: plan, incumbent: incumbent)
    let optimism = BootstrapOptimism.run(
      method,
      names: set.termNames,
      terms: terms,
      outcomes: outcomes,
      samples: plan.bootstrap.samples,
      seed: plan.bootstrap.seed
    )
    return RefitReport(
      plan: plan.name,
      incumbent: incumbent.version,
      flow: set.flow,
      sites: set.patients.sites,
      models: models,
      notComputed: failures,
      chosen: choice.name,
      reason: choice.reason,
      comparators: smaller.models,
      comparisons: comparisons(set, plan, smaller.risks),
      crossValidation: cross,
      optimism: optimism,
      gate: Gate.evaluate(plan, values: gateValues(set, plan, cross, optimism))
    )
  }
}

extension ModelRefit {
  private static func fit(
    _ method: FittedModel.Method,
    _ name: String,
    _ names: [String],
    _ terms: [[Double]],
    _ outcomes: [Bool],
    _ models: inout [String: ModelSummary],
    _ failures: inout [String: String]
  ) {
    do {
      let fitted = try FittedModel(method, names: names, terms: terms, outcomes: outcomes)
      models[name] = fitted.summary(terms: terms, outcomes: outcomes)
    } catch {
      failures[name] = "\(error)"
    }
  }

  /// Adds the published cohort, unless its patients are in the cut already.
  private static func addStacked(
    _ set: AnalysisSet,
    _ cohort: PublishedCohort?,
    _ models: inout [String: ModelSummary],
    _ failures: inout [String: String]
  ) {
    guard let cohort else {
      failures[stacked] = "the plan holds no published cohort"
      return
    }
    guard !set.hasDevelopment else {
      failures[stacked] = "patients of the published cohort are in the cut already"
      return
    }
    guard cohort.terms == set.termNames else {
      failures[stacked] = "the published cohort is known by other terms than the plan's"
      return
    }
    var (terms, outcomes) = (set.patients.terms, set.patients.outcomes)
    for pattern in cohort.patterns {
      terms += Array(repeating: pattern.terms, count: pattern.n)
      outcomes += (0..<pattern.n).map { $0 < pattern.events }
    }
    fit(.firth, stacked, set.termNames, terms, outcomes, &models, &failures)
  }

  private static func choose(
    _ set: AnalysisSet,
    _ plan: AnalysisPlan,
    _ models: [String: ModelSummary]
  ) -> (name: String, reason: String)? {
    let events = set.patients.count(where: \.isEvent)
    let rarer = min(events, set.patients.count - events)
    let perParameter = Double(rarer) / Double(max(1, set.termNames.count))
    let isSmall = perParameter < plan.choice.eventsPerParameter
    let isSeparated = models["maximum_likelihood"] == nil
    let limit = plan.choice.eventsPerParameter
    let size = "\((perParameter * 10).rounded() / 10) of the rarer outcome a parameter"
    var name = plan.choice.otherwise
    var reason = "\(size), at least \(limit)"
    if isSmall || isSeparated {
      name = set.hasDevelopment ? plan.choice.small : plan.choice.smallWithoutDevelopment
      reason = isSmall ? "\(size), fewer than \(limit)" : "maximum likelihood gives no model"
    }
    if models[name] != nil { return (name, reason) }
    let rest = ["firth", "maximum_likelihood"].first { models[$0] != nil }
    return rest.map { ($0, "\(name) gives no model") }
  }

  private static func comparators(
    _ set: AnalysisSet,
    _ plan: AnalysisPlan
  ) -> (models: [String: ModelSummary], risks: [String: [Double]]) {
    var (models, risks): ([String: ModelSummary], [String: [Double]]) = ([:], [:])
    var positions: [String: Range<Int>] = [:]
    var start = 0
    for predictor in plan.predictors {
      positions[predictor.column] = start..<(start + predictor.transform.termCount)
      start += predictor.transform.termCount
    }
    let all = [(plan.fullModel, plan.predictors.map(\.column))]
    for (name, columns) in all + plan.comparators.map({ ($0.name, $0.columns) }) {
      let kept = columns.compactMap { positions[$0] }.flatMap(\.self).sorted()
      let terms = set.patients.map { patient in kept.map { patient.terms[$0] } }
      let names = kept.map { set.termNames[$0] }
      // A smaller model that cannot be fitted is absent, and so are its comparisons.
      guard
        let fitted = try? FittedModel(
          .maximumLikelihood,
          names: names,
          terms: terms,
          outcomes: set.patients.outcomes
        )
      else { continue }
      risks[name] = fitted.risks(terms)
      if name != plan.fullModel {
        models[name] = fitted.summary(terms: terms, outcomes: set.patients.outcomes)
      }
    }
    return (models, risks)
  }

  private static func comparisons(
    _ set: AnalysisSet,
    _ plan: AnalysisPlan,
    _ risks: [String: [Double]]
  ) -> [AUCDifference] {
    plan.comparisons.compactMap { pair in
      guard let first = risks[pair.first], let second = risks[pair.second] else { return nil }
      return try? AUCDifference.measure(
        (pair.first, first),
        (pair.second, second),
        outcomes: set.patients.outcomes
      )
    }
  }

  /// Evidence on the candidate comes from left-out sites, never from its own fit.
  private static func gateValues(
    _ set: AnalysisSet,
    _ plan: AnalysisPlan,
    _ cross: CrossValidation?,
    _ optimism: BootstrapOptimism?
  ) -> [String: Double] {
    let pooled = cross?.pooled ?? PooledPerformance(sites: 0, cautions: [])
    var values = ModelValidation.gateValues(set, pooled, plan)
    values["auc_gain_low"] = cross?.againstIncumbent?.low
    values["net_benefit_gain"] = cross?.netBenefitGain
    values["optimism_corrected_slope"] = optimism?.correctedSlope
    return values
  }
}
