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
    incumbent: ModelRelease
  ) -> CrossValidation? {
    let sites = set.external.sites
    guard sites.count >= 2 else { return nil }
    var predicted: [SitePrediction] = []
    var failures: [String: String] = [:]
    for site in sites {
      let isLeftOut = { (patient: AnalysedPatient) in
        patient.row.site == site && !patient.isDevelopment
      }
      let training = set.patients.filter { !isLeftOut($0) }
      let own = set.patients.filter(isLeftOut)
      do {
        let fitted = try FittedModel(
          method,
          names: set.termNames,
          terms: training.terms,
          outcomes: training.outcomes,
          hasProfileLimits: false
        )
        predicted.append(
          SitePrediction(site: site, patients: own, risks: fitted.risks(own.terms))
        )
      } catch {
        failures[site] = "\(error)"
      }
    }
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
      notComputed: failures
    )
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
    _ incumbent: ModelRelease,
    _ set: AnalysisSet
  ) -> Double? {
    guard incumbent.termNames == set.termNames else { return nil }
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
    _ incumbent: ModelRelease,
    _ set: AnalysisSet
  ) -> AUCDifference? {
    guard incumbent.termNames == set.termNames else { return nil }
    let old = ReleaseMeasure(release: incumbent).risks(patients)
    return try? AUCDifference.measure(
      ("refit, site left out", risks),
      ("release \(incumbent.version)", old),
      outcomes: patients.outcomes
    )
  }
}
