// SPDX-License-Identifier: Apache-2.0

/// Estimates from several imputed data sets, pooled by Rubin's rules.
///
/// Pool on scales that are nearly normal: AUC as log odds, observed over expected as logarithm.
///
/// Source: Rubin, Multiple Imputation for Nonresponse in Surveys, 1987; degrees of freedom:
/// Barnard & Rubin, Biometrika 1999;86:948–955, doi:10.1093/biomet/86.4.948.
public struct PooledImputations: Equatable, Sendable {
  /// One pooled estimate.
  public struct Row: Equatable, Sendable {
    /// The name of the estimate.
    public let term: String
    /// The mean of the estimates, with the root of the total variance.
    public let estimate: Estimate
    /// The test that it is 0, on t.
    public let test: TestResult
    /// The confidence limits, on t.
    public let limits: Interval
    /// The mean of the variances within imputations, Ū.
    public let within: Double
    /// The variance of the estimates between imputations, B.
    public let between: Double
    /// The relative increase in variance due to missing values, (1 + 1/m) B / Ū.
    public let relativeIncrease: Double
    /// The share of the total variance due to missing values, λ.
    public let missingShare: Double
    /// The fraction of missing information.
    public let missingInformation: Double

    /// Ū + (1 + 1/m) B.
    public var total: Double { estimate.variance }
  }

  /// The pooled estimates, in the order given.
  public let rows: [Row]
  /// The number of imputations, m.
  public let imputationCount: Int

  /// Pools estimates.
  ///
  /// - Parameters:
  ///   - terms: The names of the estimates (shape: p).
  ///   - imputations: For each imputed data set its estimates (shape: m × p), m at least 2.
  ///   - completeDegreesOfFreedom: Those the analysis of complete data would have, n − k of a
  ///     regression; nil for the large-sample formula of 1987.
  ///   - confidence: The level of the limits.
  /// - Returns: One row for each estimate.
  /// - Throws: `tooFew`, `countsDiffer`, `notFinite`, `zeroVariance` for a standard error of 0, or
  ///   `outOfRange`.
  public static func pool(
    terms: [String],
    imputations: [[Estimate]],
    completeDegreesOfFreedom: Double?,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> PooledImputations {
    guard imputations.count > 1 else {
      throw .tooFew(what: "imputations", needed: 2, found: imputations.count)
    }
    if let freedom = completeDegreesOfFreedom, !(freedom > 0 && freedom.isFinite) {
      throw .outOfRange(parameter: "completeDegreesOfFreedom", value: freedom)
    }
    for (position, imputation) in imputations.enumerated() {
      guard imputation.count == terms.count else {
        throw .countsDiffer(expected: terms.count, found: imputation.count)
      }
      for estimate in imputation {
        guard estimate.value.isFinite, estimate.standardError.isFinite else {
          throw .notFinite(input: "estimates", position: position)
        }
        guard estimate.standardError > 0 else { throw .zeroVariance("estimate") }
      }
    }
    var rows: [Row] = []
    for (index, term) in terms.enumerated() {
      rows.append(
        try row(
          term,
          imputations.map { $0[index] },
          completeDegreesOfFreedom: completeDegreesOfFreedom,
          confidence: confidence
        )
      )
    }
    return PooledImputations(rows: rows, imputationCount: imputations.count)
  }

  private static func row(
    _ term: String,
    _ estimates: [Estimate],
    completeDegreesOfFreedom: Double?,
    confidence: Double
  ) throws(BiostatisticsError) -> Row {
    let m = Double(estimates.count)
    let mean = estimates.reduce(0) { $0 + $1.value } / m
    let within = estimates.reduce(0) { $0 + $1.variance } / m
    let between = estimates.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / (m - 1)
    let extra = (1 + 1 / m) * between
    let total = within + extra
    let share = extra / total
    let freedom = degreesOfFreedom(m: m, share: share, complete: completeDegreesOfFreedom)
    let increase = extra / within
    let distribution = StudentT(degreesOfFreedom: freedom)
    let error = total.squareRoot()
    let half = try distribution.criticalValue(confidence: confidence) * error
    return Row(
      term: term,
      estimate: Estimate(value: mean, standardError: error),
      test: TestResult(
        statistic: mean / error,
        degreesOfFreedom: freedom,
        p: try distribution.twoSidedP(mean / error)
      ),
      limits: Interval(low: mean - half, high: mean + half),
      within: within,
      between: between,
      relativeIncrease: increase,
      missingShare: share,
      missingInformation: (increase + 2 / (freedom + 3)) / (increase + 1)
    )
  }

  /// Barnard and Rubin's degrees of freedom; a share below 0.0001 counts as 0.0001, as in mice.
  private static func degreesOfFreedom(m: Double, share: Double, complete: Double?) -> Double {
    let share = max(share, 1e-4)
    let old = (m - 1) / (share * share)
    guard let complete else { return old }
    let observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return old * observed / (old + observed)
  }
}
