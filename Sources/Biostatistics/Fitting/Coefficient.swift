// SPDX-License-Identifier: Apache-2.0

/// One row of a table of coefficients.
public struct Coefficient: Equatable, Hashable, Codable, Sendable {
  /// The name of the intercept's row.
  public static let interceptTerm = "(Intercept)"

  /// The term: a column name, or `interceptTerm`.
  public let term: String
  /// The log odds ratio for one unit of the column.
  public let estimate: Double
  /// The standard error, from the inverse expected information.
  public let standardError: Double
  /// The estimate over its standard error.
  public let z: Double
  /// The two-sided p value: Wald's, or of the profile where the fit says so.
  public let p: Double
  /// The lower confidence limit; nil when the profile has none.
  public let low: Double?
  /// The upper confidence limit; nil when the profile has none.
  public let high: Double?

  /// e to the power of the estimate.
  public var oddsRatio: Double { exp(estimate) }
  /// The lower limit of the odds ratio; nil when there is none.
  public var oddsRatioLow: Double? { low.map { exp($0) } }
  /// The upper limit of the odds ratio; nil when there is none.
  public var oddsRatioHigh: Double? { high.map { exp($0) } }
}

extension Coefficient {
  /// The row of a term that a selection left out: 0, with no limits.
  package static func absent(term: String) -> Coefficient {
    Coefficient(term: term, estimate: 0, standardError: 0, z: 0, p: 1, low: nil, high: nil)
  }

  /// A row with Wald limits and p value.
  static func wald(
    term: String,
    estimate: Double,
    standardError: Double,
    criticalValue: Double
  ) throws(BiostatisticsError) -> Coefficient {
    let z = estimate / standardError
    return Coefficient(
      term: term,
      estimate: estimate,
      standardError: standardError,
      z: z,
      p: try Normal.twoSidedP(z),
      low: estimate - criticalValue * standardError,
      high: estimate + criticalValue * standardError
    )
  }
}
