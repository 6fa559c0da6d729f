// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// How many patients a development of this model needs, beside how many there are.
///
/// R² is that of the fitted model, shrunk by the heuristic factor of van Houwelingen and le
/// Cessie, as an honest guess of what new patients would show.
///
/// Source: Riley et al., BMJ 2020;368:m441, doi:10.1136/bmj.m441.
public struct SampleSizeStatement: Codable, Hashable, Sendable {
  /// Of which patients the R² is: `registry` or `published`.
  public var source: String
  /// Patients.
  public var n: Int
  /// Patients with the outcome.
  public var events: Int
  /// Candidate parameters, screened ones included.
  public var parameters: Int
  /// Cox–Snell R², shrunk.
  public var coxSnell: Double
  /// Patients needed.
  public var needed: Int

  private enum CodingKeys: String, CodingKey {
    case source, n, events, parameters, needed
    case coxSnell = "cox_snell"
  }
}

extension SampleSizeStatement {
  /// States the size from a fit of `fitted` terms for a search among `parameters`.
  static func state(
    _ source: String,
    n: Int,
    events: Int,
    deviance: Double,
    fitted: Int,
    parameters: Int
  ) -> SampleSizeStatement? {
    guard n > 0, events > 0, events < n else { return nil }
    let share = Double(events) / Double(n)
    let null = -2 * Double(n) * (share * log(share) + (1 - share) * log(1 - share))
    let ratio = null - deviance
    guard ratio > Double(fitted) else { return nil }
    let shrinkage = 1 - Double(fitted) / ratio
    let coxSnell = shrinkage * (1 - exp(-ratio / Double(n)))
    guard
      let size = try? DevelopmentSampleSize.compute(
        coxSnell: coxSnell,
        parameters: parameters,
        prevalence: share
      )
    else { return nil }
    return SampleSizeStatement(
      source: source,
      n: n,
      events: events,
      parameters: parameters,
      coxSnell: coxSnell,
      needed: size.patients
    )
  }

  /// The statements of a refit: the plan's terms, and the published search.
  static func all(
    _ model: ModelSummary?,
    plan: AnalysisPlan,
    published: ModelSummary?
  ) -> [SampleSizeStatement] {
    let candidates = plan.screening?.publishedCandidates
    var result: [SampleSizeStatement?] = []
    for (source, own) in [("registry", model), ("published", published)] {
      guard let own, let deviance = own.performance.deviance else { continue }
      for parameters in [own.coefficients.count, candidates].compactMap(\.self) {
        result.append(
          state(
            source,
            n: own.performance.n,
            events: own.performance.events,
            deviance: deviance,
            fitted: own.coefficients.count,
            parameters: parameters
          )
        )
      }
    }
    return result.compactMap(\.self)
  }
}
