// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry
import RiskModel

extension CrossValidation {
  /// What predicts each external site: the method with all its choices, and the patients.
  struct Problem: Sendable {
    let method: FittedModel.Method
    let selection: TermSelection?
    let plan: AnalysisPlan
    let set: AnalysisSet
    let incumbent: ModelRelease?
    private let table: PatternTable
    private let external: [String: [AnalysedPatient]]

    /// - Returns: nil with fewer than two external sites.
    init?(
      _ set: AnalysisSet,
      method: FittedModel.Method,
      plan: AnalysisPlan,
      incumbent: ModelRelease?
    ) {
      self.method = method
      selection = TermSelection(plan)
      self.plan = plan
      self.set = set
      self.incumbent = incumbent
      table = PatternTable(set, cohort: nil)
      external = Dictionary(grouping: set.external, by: \.row.site)
      guard table.sites.count >= 2 else { return nil }
    }

    /// External sites.
    var siteCount: Int { table.sites.count }

    /// Predicts one site by a model of all other patients.
    func predict(_ index: Int) -> Fold {
      let training = table.rows(leavingOut: index, withDevelopment: true)
      let name = table.sites[index].name
      do {
        let fitted = try FittedModel(
          method,
          design: training.design(),
          outcomes: training.outcomes,
          weights: training.counts,
          hasProfileLimits: false,
          selection: selection
        )
        let own = external[name] ?? []
        return Fold(
          site: name,
          patients: own,
          risks: fitted.risks(own.terms),
          coefficients: [fitted.riskIntercept]
            + fitted.coefficients.dropFirst().map(\.estimate),
          kept: fitted.selected?.names
        )
      } catch {
        return Fold(site: name, failure: RefusalText.text(error))
      }
    }
  }

  /// One left-out site.
  struct Fold: Sendable {
    let site: String
    var patients: [AnalysedPatient] = []
    var risks: [Double] = []
    var coefficients: [Double] = []
    /// Predictors that the plan's selection kept without the site.
    var kept: [String]?
    /// Why the others gave no model.
    var failure: String?

    func performance(_ plan: AnalysisPlan) -> GroupPerformance {
      let events = patients.count(where: \.isEvent)
      let isSmall = min(events, patients.count - events) < plan.minimumEventsPerSite
      return GroupPerformance(
        site: site,
        development: false,
        isSmall: isSmall,
        performance: isSmall
          ? Performance(n: patients.count, events: events)
          : .measure(risks: risks, outcomes: patients.outcomes, cutoff: .none, parameters: 0)
      )
    }
  }

  /// Joins the left-out sites.
  ///
  /// - Returns: nil when no site could be predicted.
  static func join(_ problem: Problem, _ folds: [Fold]) -> CrossValidation? {
    let predicted = folds.filter { $0.failure == nil }
    guard !predicted.isEmpty else { return nil }
    let patients = predicted.flatMap(\.patients)
    let risks = predicted.flatMap(\.risks)
    let (set, incumbent) = (problem.set, problem.incumbent)
    func byName<Value>(_ pairs: [(String, Value)]) -> [String: Value] {
      Dictionary(pairs) { first, _ in first }
    }
    return CrossValidation(
      method: problem.method.rawValue,
      bySite: predicted.map { $0.performance(problem.plan) },
      rows: .measure(
        risks: risks,
        outcomes: patients.outcomes,
        cutoff: .none,
        parameters: set.termNames.count + 1
      ),
      pooled: pooled(predicted),
      againstIncumbent: difference(patients, risks, incumbent, set),
      netBenefitGain: netBenefitGain(patients, risks, incumbent, set),
      coefficients: byName(predicted.map { ($0.site, $0.coefficients) }),
      notComputed: byName(folds.compactMap { fold in fold.failure.map { (fold.site, $0) } })
    )
  }

  private static func pooled(_ predicted: [Fold]) -> PooledPerformance {
    .pool(predicted.map { ($0.site, $0.risks, $0.patients.outcomes) })
  }

  private static func netBenefitGain(
    _ patients: [AnalysedPatient],
    _ risks: [Double],
    _ incumbent: ModelRelease?,
    _ set: AnalysisSet
  ) -> Double? {
    guard let incumbent, incumbent.termNames == set.termNames else { return nil }
    let old = ReleaseMeasure(release: incumbent).risks(patients)
    let benefits = [risks, old].map {
      try? NetBenefit.measure(
        risks: $0,
        outcomes: patients.outcomes,
        threshold: incumbent.cutoff
      ).value
    }
    guard let first = benefits[0], let second = benefits[1] else { return nil }
    return first - second
  }

  private static func difference(
    _ patients: [AnalysedPatient],
    _ risks: [Double],
    _ incumbent: ModelRelease?,
    _ set: AnalysisSet
  ) -> AUCDifference? {
    guard let incumbent, incumbent.termNames == set.termNames else { return nil }
    let old = ReleaseMeasure(release: incumbent).risks(patients)
    return try? AUCDifference.measure(
      ("refit, site left out", risks),
      ("release \(incumbent.version)", old),
      outcomes: patients.outcomes
    )
  }
}
