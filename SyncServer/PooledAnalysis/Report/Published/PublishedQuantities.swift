// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry

/// The quantities that printed figures are held against, by name.
///
/// `univariate.TERM.…` and `multivariate.TERM.…` (`odds_ratio`, `low`, `high`, `p`),
/// `count.TERM.LEVEL` and `events.TERM.LEVEL` (patients and events at 0 or 1), `model.NAME.…`
/// (AUC with three kinds of limits; classification in per cent), `comparison.FIRST.SECOND.…`, `group.COLUMN.CODE.auc`, `coefficient.TERM`.
enum PublishedQuantities {
  static func measure(_ set: AnalysisSet, plan: AnalysisPlan) -> [String: Double] {
    var result: [String: Double] = [:]
    let outcomes = set.patients.outcomes
    result["n"] = Double(outcomes.count)
    result["events"] = Double(outcomes.count { $0 })
    for (index, term) in set.termNames.enumerated() {
      addUnivariate(term, set.patients.map { $0.terms[index] }, outcomes, &result)
    }
    let fits = ModelRefit.comparators(set, plan)
    var models = fits.models
    let full = try? FittedModel(
      .maximumLikelihood,
      names: set.termNames,
      terms: set.patients.terms,
      outcomes: outcomes
    )
    models[plan.fullModel] = full?.summary(terms: set.patients.terms, outcomes: outcomes)
    for own in models[plan.fullModel]?.coefficients ?? [] {
      add(own, "multivariate.\(own.term)", &result)
      result["coefficient.\(own.term)"] = own.estimate
    }
    for (name, model) in models {
      addModel(name, model.performance, fits.risks[name] ?? [], outcomes, &result)
    }
    for own in ModelRefit.comparisons(set, plan, fits.risks) {
      result["comparison.\(own.first).\(own.second).z"] = own.z
      result["comparison.\(own.first).\(own.second).p"] = own.p
    }
    addGroups(set, plan, fits.risks[plan.fullModel] ?? [], &result)
    return result
  }

  private static func add(
    _ own: CoefficientSummary,
    _ prefix: String,
    _ result: inout [String: Double]
  ) {
    result["\(prefix).odds_ratio"] = own.oddsRatio
    result["\(prefix).low"] = own.low
    result["\(prefix).high"] = own.high
    result["\(prefix).p"] = own.p
  }

  private static func addUnivariate(
    _ term: String,
    _ values: [Double],
    _ outcomes: [Bool],
    _ result: inout [String: Double]
  ) {
    for level in [0.0, 1.0] {
      let own = values.indices.filter { values[$0] == level }
      result["count.\(term).\(Int(level))"] = Double(own.count)
      result["events.\(term).\(Int(level))"] = Double(own.count { outcomes[$0] })
    }
    let fit = try? FittedModel(
      .maximumLikelihood,
      names: [term],
      terms: values.map { [$0] },
      outcomes: outcomes
    )
    let summary = fit?.summary(terms: values.map { [$0] }, outcomes: outcomes)
    if let own = summary?.coefficients.first { add(own, "univariate.\(term)", &result) }
  }

  private static func addGroups(
    _ set: AnalysisSet,
    _ plan: AnalysisPlan,
    _ risks: [Double],
    _ result: inout [String: Double]
  ) {
    guard risks.count == set.patients.count else { return }
    for column in plan.groups {
      let codes = set.patients.map { $0.row.code(column) }
      for code in Set(codes.compactMap(\.self)) {
        let own = codes.indices.filter { codes[$0] == code }
        result["group.\(column).\(code).n"] = Double(own.count)
        result["group.\(column).\(code).auc"] = try? AUC.measure(
          scores: own.map { risks[$0] },
          outcomes: own.map { set.patients[$0].isEvent }
        ).estimate
      }
    }
  }
}

extension PublishedQuantities {
  private static func addModel(
    _ name: String,
    _ performance: Performance,
    _ risks: [Double],
    _ outcomes: [Bool],
    _ result: inout [String: Double]
  ) {
    let prefix = "model.\(name)"
    result["\(prefix).auc"] = performance.auc?.estimate
    result["\(prefix).auc_low"] = performance.auc?.low
    result["\(prefix).auc_high"] = performance.auc?.high
    result["\(prefix).cutoff"] = performance.cutoff
    result["\(prefix).sensitivity"] = performance.sensitivity.map { 100 * $0 }
    result["\(prefix).specificity"] = performance.specificity.map { 100 * $0 }
    result["\(prefix).ppv"] = performance.ppv.map { 100 * $0 }
    result["\(prefix).npv"] = performance.npv.map { 100 * $0 }
    if let area = performance.auc?.estimate, risks.count == outcomes.count {
      let hanley = PublishedIntervals.hanleyMcNeil(area, risks: risks, outcomes: outcomes)
      result["\(prefix).auc_hanley_low"] = hanley?.low
      result["\(prefix).auc_hanley_high"] = hanley?.high
      let exact = PublishedIntervals.exactBinomial(area, n: outcomes.count)
      result["\(prefix).auc_exact_low"] = exact?.low
      result["\(prefix).auc_exact_high"] = exact?.high
    }
  }
}
