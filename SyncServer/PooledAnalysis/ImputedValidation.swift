// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry
import RiskModel

/// The validation with missing predictors imputed: chained equations with outcome and site, each
/// data set validated, estimates pooled by Rubin's rules.
///
/// The AUC is pooled as its logit. Patients without an outcome are not imputed.
///
/// Source: Marshall et al., BMC Med Res Methodol 2009;9:57, doi:10.1186/1471-2288-9-57.
enum ImputedValidation {
  /// More sites than this enter as no columns of their own.
  private static let siteLimit = 30
  /// More rows than this are not imputed.
  private static let rowLimit = 20_000

  private struct Candidate {
    let site: String
    let values: [Double?]
    let isEvent: Bool
  }

  static func run(
    _ rows: PooledRows,
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan
  ) -> Sensitivity? {
    guard plan.imputations > 1 else { return nil }
    let predictors = measure.release.predictors
    let candidates = rows.rows.compactMap { row -> Candidate? in
      guard row.number(plan.withdrawn) != 1, row.number(plan.development) != 1 else { return nil }
      let status = rows.status(row, plan)
      guard status == .event || status == .nonEvent else { return nil }
      return Candidate(
        site: row.site,
        values: predictors.map { row.number($0.column) },
        isEvent: status == .event
      )
    }
    let missing = candidates.count { $0.values.contains { $0 == nil } }
    guard missing > 0 else { return nil }
    var result = Sensitivity(
      name: "multiple_imputation",
      n: candidates.count,
      events: candidates.count(where: \.isEvent)
    )
    guard candidates.count <= rowLimit else {
      result.note = "not computed: more than \(rowLimit) patients"
      return result
    }
    do {
      try pool(candidates, predictors.count, measure, plan, &result)
      result.note =
        "\(plan.imputations) data sets, predictive mean matching, seed \(plan.bootstrap.seed); "
        + "\(missing) patients with a missing predictor"
    } catch {
      result.note = "not computed: \(RefusalText.text(error))"
    }
    return result
  }

  private static func pool(
    _ candidates: [Candidate],
    _ width: Int,
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan,
    _ result: inout Sensitivity
  ) throws {
    let columns = Self.columns(candidates, width)
    var random = SplitMix64(seed: plan.bootstrap.seed)
    let sets = try ChainedImputation.impute(columns, count: plan.imputations, using: &random)
    let estimates = try sets.map { try Self.estimates($0, candidates, measure) }
    let pooled = try PooledImputations.pool(
      terms: ["auc", "slope", "citl"],
      imputations: estimates,
      completeDegreesOfFreedom: Double(candidates.count - 2)
    ).rows
    func limited(_ index: Int, _ back: (Double) -> Double) -> LimitedEstimate {
      let row = pooled[index]
      return LimitedEstimate(
        estimate: back(row.estimate.value),
        se: row.estimate.standardError,
        low: back(row.limits.low),
        high: back(row.limits.high)
      )
    }
    result.auc = limited(0) { Logit.inverse($0) }
    result.slope = limited(1) { $0 }
    result.inTheLarge = limited(2) { $0 }
  }

  /// The predictors, the outcome, and 0/1 columns of the sites where they are few.
  private static func columns(
    _ candidates: [Candidate],
    _ width: Int
  ) -> [ChainedImputation.Column] {
    var columns = (0..<width).map { index in
      ChainedImputation.Column(
        name: "predictor \(index)",
        values: candidates.map { $0.values[index] },
        method: .predictiveMeanMatching(donors: 5)
      )
    }
    columns.append(
      .init(name: "outcome", values: candidates.map { $0.isEvent ? 1 : 0 }, method: .logistic)
    )
    let sites = Set(candidates.map(\.site)).sorted()
    if sites.count <= siteLimit {
      columns += sites.dropFirst().map { site in
        .init(
          name: "site \(site)",
          values: candidates.map { $0.site == site ? 1 : 0 },
          method: .logistic
        )
      }
    }
    return columns
  }

  /// AUC (logit), slope and calibration-in-the-large in one data set.
  private static func estimates(
    _ set: [[Double]],
    _ candidates: [Candidate],
    _ measure: ReleaseMeasure
  ) throws -> [Estimate] {
    let outcomes = candidates.map(\.isEvent)
    let own = [measure.release.intercept] + measure.release.coefficients
    let risks = candidates.indices.map { row -> Double in
      let terms = zip(measure.release.predictors, set).flatMap {
        $0.transform.terms($1[row]) ?? []
      }
      let coefficients = measure.leftOut[candidates[row].site] ?? own
      return Logit.inverse(PatternTable.linearPredictor(terms, coefficients))
    }
    return [
      try AUC.measure(scores: risks, outcomes: outcomes).logit(),
      try Calibration.slope(risks: risks, outcomes: outcomes).slope,
      try Calibration.inTheLarge(risks: risks, outcomes: outcomes),
    ]
  }
}
