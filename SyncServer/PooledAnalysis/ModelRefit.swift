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
  ///   - incumbent: The release that is current; nil where there is none.
  ///   - context: What the gate must know beyond the patients.
  ///   - developmentRows: The published cohort; the plan's own when nil.
  /// - Returns: All models, the plan's choice and the gate.
  /// - Throws: `noCompleteRows`, `oneOutcomeOnly`, or `nothingFitted`.
  public static func refit(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    incumbent: ModelRelease?,
    context: GateContext = GateContext(),
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
    let cohort = developmentRows ?? plan.publishedCohort
    addStacked(set, cohort, &models, &failures)
    guard let choice = choose(set, plan, models) else { throw .nothingFitted }
    let smaller = comparators(set, plan)
    let method: FittedModel.Method =
      choice.name == "maximum_likelihood" ? .maximumLikelihood : .firth
    let cross = CrossValidation.run(set, method: method, plan: plan, incumbent: incumbent)
    let resampled = BootstrapOptimism.run(method, set, plan.bootstrap)
    var report = RefitReport(
      plan: plan.name,
      incumbent: incumbent?.version,
      flow: set.flow,
      sites: set.patients.sites,
      models: models,
      notComputed: failures,
      chosen: choice.name,
      reason: choice.reason,
      comparators: smaller.models,
      comparisons: comparisons(set, plan, smaller.risks),
      crossValidation: cross,
      optimism: resampled?.optimism,
      instability: resampled?.instability,
      randomIntercept: .measure(set),
      screening: .measure(set, plan: plan),
      gate: []
    )
    addSampleSize(plan, cohort, &report)
    if let incumbent {
      addUpdate(set, plan, cohort, context, incumbent, &report)
    }
    return report
  }

  private static func addSampleSize(
    _ plan: AnalysisPlan,
    _ cohort: PublishedCohort?,
    _ report: inout RefitReport
  ) {
    report.sampleSize = SampleSizeStatement.all(
      report.models["maximum_likelihood"],
      plan: plan,
      published: cohort.flatMap { publishedModel($0) }
    )
  }

  /// The published model as maximum likelihood finds it in the published counts.
  private static func publishedModel(_ cohort: PublishedCohort) -> ModelSummary? {
    let patients = cohort.patients
    let (terms, outcomes) = (patients.map(\.terms), patients.map(\.isEvent))
    return try? FittedModel(
      .maximumLikelihood,
      names: cohort.terms,
      terms: terms,
      outcomes: outcomes
    ).summary(terms: terms, outcomes: outcomes)
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
      failures[name] = RefusalText.text(error)
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

  static func comparators(
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

  static func comparisons(
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
}
