// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry
import RiskModel

extension CrossValidation {
  /// Predicts each external site with a model of all other patients.
  ///
  /// - Returns: nil with fewer than two external sites, or when no site could be predicted.
  static func run(
    _ set: AnalysisSet,
    method: FittedModel.Method,
    plan: AnalysisPlan,
    incumbent: ModelRelease?
  ) -> CrossValidation? {
    let table = PatternTable(set, cohort: nil)
    guard table.sites.count >= 2 else { return nil }
    let (predicted, coefficients, failures) = predictions(table, set, method)
    guard !predicted.isEmpty else { return nil }
    let patients = predicted.flatMap(\.patients)
    let risks = predicted.flatMap(\.risks)
    return CrossValidation(
      method: method.rawValue,
      bySite: predicted.map { $0.performance(plan) },
      rows: .measure(
        risks: risks,
        outcomes: patients.outcomes,
        cutoff: .none,
        parameters: set.termNames.count + 1
      ),
      pooled: pooled(predicted),
      againstIncumbent: difference(patients, risks, incumbent, set),
      netBenefitGain: netBenefitGain(patients, risks, incumbent, set),
      coefficients: coefficients,
      notComputed: failures
    )
  }

  private typealias Predictions = (
    sites: [SitePrediction], coefficients: [String: [Double]], failures: [String: String]
  )

  /// Every external site by a model of all others.
  private static func predictions(
    _ table: PatternTable,
    _ set: AnalysisSet,
    _ method: FittedModel.Method
  ) -> Predictions {
    let external = Dictionary(grouping: set.external, by: \.row.site)
    var predicted: [SitePrediction] = []
    var failures: [String: String] = [:]
    var coefficients: [String: [Double]] = [:]
    for (index, site) in table.sites.enumerated() {
      let training = table.rows(leavingOut: index, withDevelopment: true)
      do {
        let fitted = try FittedModel(
          method,
          names: set.termNames,
          terms: training.terms,
          outcomes: training.outcomes,
          weights: training.counts,
          hasProfileLimits: false
        )
        let own = external[site.name] ?? []
        predicted.append(
          SitePrediction(site: site.name, patients: own, risks: fitted.risks(own.terms))
        )
        coefficients[site.name] =
          [fitted.riskIntercept] + fitted.coefficients.dropFirst().map(\.estimate)
      } catch {
        failures[site.name] = RefusalText.text(error)
      }
    }
    return (predicted, coefficients, failures)
  }

  private struct SitePrediction {
    let site: String
    let patients: [AnalysedPatient]
    let risks: [Double]

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

  private static func pooled(_ predicted: [SitePrediction]) -> PooledPerformance {
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
