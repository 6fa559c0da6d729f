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
  ///   - workers: Tasks at once; their number changes no figure.
  /// - Returns: All models, the plan's choice and the gate.
  /// - Throws: `noCompleteRows`, `oneOutcomeOnly`, or `nothingFitted`.
  public static func refit(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    incumbent: ModelRelease?,
    context: GateContext = GateContext(),
    developmentRows: PublishedCohort? = nil,
    workers: Workers = Workers()
  ) throws(PooledAnalysisError) -> RefitReport {
    workers.tell("fitting the plan's model", 0)
    let set = AnalysisSet(rows, predictors: plan.predictors, plan: plan)
    guard !set.patients.isEmpty else { throw .noCompleteRows }
    let events = set.patients.count(where: \.isEvent)
    guard events > 0, events < set.patients.count else {
      throw .oneOutcomeOnly(n: set.patients.count, events: events)
    }
    let cohort = developmentRows ?? plan.publishedCohort
    let fits = fits(set, cohort, TermSelection(plan))
    guard let choice = choose(set, plan, fits.models) else { throw .nothingFitted }
    let method: FittedModel.Method =
      choice.name == "maximum_likelihood" ? .maximumLikelihood : .firth
    let pieces = Pieces(set, plan, incumbent, cohort, method)
    pieces.jobs.run(workers.within(0.05...0.97))
    workers.tell("asking the gate", 0.97)
    let smaller = pieces.comparators.value ?? ([:], [:])
    var report = RefitReport(
      plan: plan.name,
      incumbent: incumbent?.version,
      flow: set.flow,
      sites: set.patients.sites,
      models: fits.models,
      notComputed: fits.failures,
      chosen: choice.name,
      reason: choice.reason,
      comparators: smaller.models,
      comparisons: comparisons(set, plan, smaller.risks),
      crossValidation: pieces.crossValidation,
      randomIntercept: pieces.randomIntercept.value ?? nil,
      screening: pieces.screening.value ?? nil,
      gate: []
    )
    pieces.addResampling(fits.chosen(choice.name), &report)
    addSampleSize(plan, cohort, &report)
    if let update = pieces.update?.update {
      addUpdate(update, pieces.challengers.values, set, plan, context, &report)
    }
    workers.tell("done", 1)
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
  /// The full model by every method, on the rows counted by their terms.
  private struct Fits {
    var models: [String: ModelSummary] = [:]
    var failures: [String: String] = [:]
    var selected: [String: TermSelection.Result] = [:]

    /// What the plan's selection did in the chosen model.
    func chosen(_ name: String) -> TermSelection.Result? { selected[name] }

    mutating func add(
      _ method: FittedModel.Method,
      _ name: String,
      _ names: [String],
      _ rows: (terms: [[Double]], outcomes: [Bool]),
      _ selection: TermSelection?
    ) {
      do {
        let counted = CountedRows(terms: rows.terms, outcomes: rows.outcomes)
        let fitted = try FittedModel(
          method,
          design: try DesignMatrix(columnNames: names, columns: counted.columns),
          outcomes: counted.outcomes,
          weights: counted.counts,
          selection: selection
        )
        models[name] = fitted.summary(terms: rows.terms, outcomes: rows.outcomes)
        selected[name] = fitted.selected
      } catch {
        failures[name] = RefusalText.text(error)
      }
    }
  }

  private static func fits(
    _ set: AnalysisSet,
    _ cohort: PublishedCohort?,
    _ selection: TermSelection?
  ) -> Fits {
    var fits = Fits()
    let rows = (terms: set.patients.terms, outcomes: set.patients.outcomes)
    for method in [FittedModel.Method.maximumLikelihood, .firth] {
      fits.add(method, method.rawValue, set.termNames, rows, selection)
    }
    addStacked(set, cohort, selection, &fits)
    return fits
  }

  /// Adds the published cohort, unless its patients are in the cut already.
  private static func addStacked(
    _ set: AnalysisSet,
    _ cohort: PublishedCohort?,
    _ selection: TermSelection?,
    _ fits: inout Fits
  ) {
    guard let cohort else {
      fits.failures[stacked] = "the plan holds no published cohort"
      return
    }
    guard !set.hasDevelopment else {
      fits.failures[stacked] = "patients of the published cohort are in the cut already"
      return
    }
    guard cohort.terms == set.termNames else {
      fits.failures[stacked] = "the published cohort is known by other terms than the plan's"
      return
    }
    var (terms, outcomes) = (set.patients.terms, set.patients.outcomes)
    for pattern in cohort.patterns {
      terms += Array(repeating: pattern.terms, count: pattern.n)
      outcomes += (0..<pattern.n).map { $0 < pattern.events }
    }
    fits.add(.firth, stacked, set.termNames, (terms, outcomes), selection)
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
