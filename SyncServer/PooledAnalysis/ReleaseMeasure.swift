// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import RiskModel

/// Scores patients with a release and measures it.
struct ReleaseMeasure: Sendable {
  let release: ModelRelease

  func risks(_ patients: [AnalysedPatient]) -> [Double] {
    patients.map { patient in
      Logit.inverse(
        zip(release.coefficients, patient.terms).reduce(release.intercept) { $0 + $1.0 * $1.1 }
      )
    }
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
      let variance = release.covariance[index + 1][index + 1]
      let estimate = Estimate(value: pair.1, standardError: variance.squareRoot())
      let limits = try? estimate.interval()
      return CoefficientSummary(
        term: pair.0,
        estimate: pair.1,
        se: estimate.standardError,
        oddsRatio: exp(pair.1),
        low: limits.map { exp($0.low) },
        high: limits.map { exp($0.high) },
        p: (try? estimate.test())?.p ?? 1
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
