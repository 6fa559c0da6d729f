// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry
import RiskModel

/// Scores patients with a release and measures it.
struct ReleaseMeasure: Sendable {
  let release: ModelRelease
  /// For models that are new: what the other sites gave for a site, intercept first.
  ///
  /// Its patients are then never scored by a model that they had a part in.
  var leftOut: [String: [Double]] = [:]

  func linearPredictor(_ patients: [AnalysedPatient]) -> [Double] {
    let own = [release.intercept] + release.coefficients
    return patients.map { patient in
      let coefficients = patient.isDevelopment ? own : leftOut[patient.row.site] ?? own
      return PatternTable.linearPredictor(patient.terms, coefficients)
    }
  }

  func risks(_ patients: [AnalysedPatient]) -> [Double] {
    linearPredictor(patients).map { Logit.inverse($0) }
  }

  func performance(_ patients: [AnalysedPatient]) -> Performance {
    .measure(
      risks: risks(patients),
      outcomes: patients.outcomes,
      cutoff: .given(release.cutoff),
      parameters: release.coefficients.count + 1
    )
  }

  /// The release's own coefficients; nothing is fitted.
  func summary(_ performance: Performance) -> ModelSummary {
    let terms = zip(release.termNames, release.coefficients).enumerated()
    let coefficients = terms.map { index, pair in
      CoefficientSummary(
        term: pair.0,
        estimate: pair.1,
        variance: release.covariance[index + 1][index + 1]
      )
    }
    return ModelSummary(
      performance: performance,
      intercept: release.intercept,
      coefficients: coefficients,
      covariance: release.covariance
    )
  }
}
