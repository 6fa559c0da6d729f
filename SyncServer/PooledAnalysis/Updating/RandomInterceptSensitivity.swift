// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry

/// The plan's terms with an intercept of its own for every site, beside the model without.
///
/// Development patients are one site. Large differences of the coefficients say that sites differ
/// in more than case mix.
public struct RandomInterceptSensitivity: Codable, Hashable, Sendable {
  /// The terms.
  public var coefficients: [CoefficientSummary]
  /// The intercept of a typical site.
  public var intercept: Double
  /// The standard deviation of the intercepts.
  public var deviation: Double
  /// The median odds ratio between two sites.
  public var medianOddsRatio: Double
  /// Sites.
  public var sites: Int

  private enum CodingKeys: String, CodingKey {
    case coefficients, intercept, deviation, sites
    case medianOddsRatio = "median_odds_ratio"
  }
}

extension RandomInterceptSensitivity {
  /// More rows than this are not fitted: quadrature over them takes minutes.
  private static let rowLimit = 200_000
  /// Quadrature points.
  private static let points = 9

  /// Fits the model; nil with one site only, with too many rows, or where the fit fails.
  static func measure(_ set: AnalysisSet) -> RandomInterceptSensitivity? {
    let names = set.patients.map { $0.isDevelopment ? "" : $0.row.site }
    let sites = Set(names).sorted()
    guard sites.count >= 2, names.count <= rowLimit else { return nil }
    let places = Dictionary(uniqueKeysWithValues: sites.enumerated().map { ($1, $0) })
    let terms = set.patients.terms
    guard
      let design = try? DesignMatrix(
        columnNames: set.termNames,
        columns: set.termNames.indices.map { index in terms.map { $0[index] } }
      ),
      let fit = try? RandomInterceptLogistic.fit(
        design,
        outcomes: set.patients.outcomes,
        sites: names.map { places[$0] ?? 0 },
        points: points
      )
    else { return nil }
    return RandomInterceptSensitivity(
      coefficients: fit.coefficients.dropFirst().map {
        CoefficientSummary(
          term: $0.term,
          estimate: $0.estimate,
          variance: $0.standardError * $0.standardError
        )
      },
      intercept: fit.estimates[0],
      deviation: fit.deviation,
      medianOddsRatio: fit.medianOddsRatio,
      sites: sites.count
    )
  }
}
