// SPDX-License-Identifier: Apache-2.0
import Registry
import RiskModel

extension ModelUpdate {
  /// What updates a release on the patients of an analysis.
  ///
  /// The published cohort stands in for development patients where none is in the cut.
  ///
  /// - Returns: nil without external patients, or when the release has other terms than the plan.
  static func draft(
    _ set: AnalysisSet,
    plan: AnalysisPlan,
    incumbent: ModelRelease,
    cohort: PublishedCohort?
  ) -> Draft? {
    guard incumbent.termNames == set.termNames, !set.external.isEmpty else { return nil }
    return Draft(
      PatternTable(set, cohort: cohort),
      incumbent: UpdateLadder.Model(
        coefficients: [incumbent.intercept] + incumbent.coefficients,
        covariance: incumbent.covariance
      ),
      rules: plan.updating,
      gate: plan.gate,
      selection: TermSelection(plan)
    )
  }
}

extension PatternTable {
  /// Counts analysed patients, with the published cohort where nobody of it is among them.
  init(_ set: AnalysisSet, cohort: PublishedCohort?) {
    var patients = set.patients.map {
      Patient(
        site: $0.row.site,
        isDevelopment: $0.isDevelopment,
        terms: $0.terms,
        isEvent: $0.isEvent
      )
    }
    if let cohort, !set.hasDevelopment, cohort.terms == set.termNames {
      patients += cohort.patients
    }
    self.init(termNames: set.termNames, patients: patients)
  }
}

extension PublishedCohort {
  /// The counts as patients of a development cohort.
  package var patients: [PatternTable.Patient] {
    patterns.flatMap { pattern in
      (0..<pattern.n).map { index in
        PatternTable.Patient(
          site: "",
          isDevelopment: true,
          terms: pattern.terms,
          isEvent: index < pattern.events
        )
      }
    }
  }
}
