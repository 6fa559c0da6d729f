// SPDX-License-Identifier: Apache-2.0

/// The sandwich covariance of logistic coefficients when patients of a site are alike.
///
/// With fewer than about 40 sites it is too small; limits then belong on t with sites − 1
/// degrees of freedom, and remain optimistic.
///
/// Source: Liang & Zeger, Biometrika 1986;73:13–22, doi:10.1093/biomet/73.1.13; conventions:
/// Zeileis, Köll & Graham, J Stat Softw 2020;95(1), doi:10.18637/jss.v095.i01.
public struct ClusterRobustCovariance: Equatable, Sendable {
  /// What multiplies the sandwich in small samples; G sites, n patients, k terms.
  public enum Correction: String, Equatable, Hashable, Codable, Sendable {
    /// Nothing.
    case none
    /// G / (G − 1): HC0 of R sandwich's vcovCL.
    case sites
    /// G / (G − 1) × (n − 1) / (n − k): HC1 of vcovCL, and statsmodels.
    case sitesAndTerms
  }

  /// The covariance, in the order of the fit's coefficients.
  public let covariance: SymmetricMatrix
  /// The number of sites.
  public let siteCount: Int
  /// The square roots of the diagonal.
  public var standardErrors: [Double] { covariance.diagonal.map { max(0, $0).squareRoot() } }

  /// Computes the covariance of a fit without weights.
  ///
  /// - Parameters:
  ///   - fit: The fit.
  ///   - design: Its predictors (shape: n × p).
  ///   - outcomes: Its outcomes (shape: n).
  ///   - sites: A label for each patient (shape: n); one label each gives White's covariance.
  ///   - correction: What multiplies the sandwich.
  /// - Returns: The covariance.
  /// - Throws: `countsDiffer`, `columnsDiffer`, or `tooFew` with one site or n ≤ k.
  public static func compute(
    _ fit: LogisticFit,
    design: DesignMatrix,
    outcomes: [Bool],
    sites: [Int],
    correction: Correction = .sites
  ) throws(BiostatisticsError) -> ClusterRobustCovariance {
    for found in [design.rowCount, outcomes.count, sites.count] where found != fit.count {
      throw .countsDiffer(expected: fit.count, found: found)
    }
    guard Array(fit.terms.dropFirst()) == design.columnNames else {
      throw .columnsDiffer(expected: Array(fit.terms.dropFirst()), found: design.columnNames)
    }
    let labels = LabelPositions(sites)
    let siteCount = labels.labels.count
    guard siteCount > 1 else { throw .tooFew(what: "sites", needed: 2, found: siteCount) }
    let size = fit.terms.count
    guard fit.count > size else {
      throw .tooFew(what: "patients", needed: size + 1, found: fit.count)
    }
    var scores = [[Double]](repeating: [Double](repeating: 0, count: size), count: siteCount)
    for row in outcomes.indices {
      let residual = (outcomes[row] ? 1 : 0) - fit.fitted[row]
      let site = labels.positions[row]
      scores[site][0] += residual
      for column in 0..<design.columnCount {
        scores[site][column + 1] += residual * design[row, column]
      }
    }
    let (g, n, k) = (Double(siteCount), Double(fit.count), Double(size))
    let factor: Double
    switch correction {
    case .none: factor = 1
    case .sites: factor = g / (g - 1)
    case .sitesAndTerms: factor = g / (g - 1) * (n - 1) / (n - k)
    }
    // The bread times each site's score; their products sum to the sandwich.
    var covariance = SymmetricMatrix(dimension: size)
    for score in scores {
      let half = (0..<size).map { row in
        (0..<size).reduce(0) { $0 + fit.covariance[row, $1] * score[$1] }
      }
      for row in 0..<size {
        for column in 0...row { covariance[row, column] += factor * half[row] * half[column] }
      }
    }
    return ClusterRobustCovariance(covariance: covariance, siteCount: siteCount)
  }
}
