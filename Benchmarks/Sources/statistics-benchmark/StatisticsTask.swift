// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// What is measured, each by one call or few of the library.
enum StatisticsTask: String, CaseIterable {
  case logistic
  case firth
  case firthProfile = "firth-profile"
  case lasso
  case auc
  case delong
  case optimism
  case iecv
  case kaplanMeier = "kaplan-meier"
  case cox

  /// The columns that are read.
  var columns: [String] {
    let predictors = BenchmarkTable.predictors
    return switch self {
    case .logistic, .firth, .firthProfile, .lasso, .auc, .delong, .optimism: ["y"] + predictors
    case .iecv: ["y", "site"] + predictors
    case .kaplanMeier: ["time", "status", "x6"]
    case .cox: ["time", "status"] + predictors
    }
  }

  /// Runs the task; the numbers to compare.
  func run(_ table: BenchmarkTable) throws -> [String: Double] {
    switch self {
    case .logistic:
      let fit = try LogisticFit.fit(table.predictors(), outcomes: table.outcomes)
      return ["coefficients": fit.estimates.reduce(0, +)]
    case .firth, .firthProfile:
      return try firth(table)
    case .lasso:
      return try lasso(table)
    case .auc:
      let area = try AUC.measure(scores: table.score(), outcomes: table.outcomes)
      return ["auc": area.estimate]
    case .delong:
      let comparison = try AUCComparison.paired(
        table.score(),
        Array(table.predictors().column(0)),
        outcomes: table.outcomes
      )
      return ["z": comparison.test.statistic]
    case .optimism:
      return try optimism(table)
    case .iecv:
      return try internalExternal(table)
    case .kaplanMeier:
      return try survival(table)
    case .cox:
      let fit = try CoxFit.fit(
        table.predictors(),
        times: table.times,
        events: table.events
      )
      return ["coefficients": fit.estimates.reduce(0, +)]
    }
  }

  private func firth(_ table: BenchmarkTable) throws -> [String: Double] {
    let fit = try FirthFit.fit(
      table.predictors(),
      outcomes: table.outcomes,
      limits: self == .firth ? .wald : .profile
    )
    let sum = fit.estimates.reduce(0, +)
    guard self == .firthProfile else { return ["coefficients": sum] }
    let upper = fit.coefficients.compactMap(\.high).reduce(0, +)
    return ["coefficients": sum, "upper": upper]
  }

  private func lasso(_ table: BenchmarkTable) throws -> [String: Double] {
    let design = try table.predictors()
    let found = try PenalisedCrossValidation.measure(
      design,
      outcomes: table.outcomes,
      folds: (0..<design.rowCount).map { $0 % 10 },
      options: PenalisedPathOptions(smallestGain: 1e-5)
    )
    return [
      "lambda_1se": found.oneStandardErrorPenalty,
      "lambda_min": found.minimumPenalty,
      "loss": found.meanLosses[found.minimumIndex],
    ]
  }

  private func optimism(_ table: BenchmarkTable) throws -> [String: Double] {
    let found = try OptimismCorrection.measure(
      table.predictors(),
      outcomes: table.outcomes,
      resampleCount: 1_000,
      seed: 1
    )
    return [
      "apparent_dxy": 2 * found.apparent.auc - 1,
      "corrected_dxy": 2 * found.corrected.auc - 1,
    ]
  }

  private func internalExternal(_ table: BenchmarkTable) throws -> [String: Double] {
    let found = try InternalExternalValidation.measure(
      table.predictors(),
      outcomes: table.outcomes,
      sites: table.sites
    )
    return [
      "auc": found.sites.reduce(0) { $0 + $1.auc.estimate },
      "variance": found.sites.reduce(0) { $0 + ($1.auc.variance ?? 0) },
      "slope": found.sites.reduce(0) { $0 + $1.calibration.slope.value },
    ]
  }

  private func survival(_ table: BenchmarkTable) throws -> [String: Double] {
    var medians = 0.0
    for group in 0...1 {
      let rows = table.groups.indices.filter { table.groups[$0] == group }
      let curve = try KaplanMeier(
        times: rows.map { table.times[$0] },
        events: rows.map { table.events[$0] }
      )
      medians += curve.median.time ?? .nan
    }
    let test = try LogRank.test(
      times: table.times,
      events: table.events,
      groups: table.groups
    )
    return ["medians": medians, "chisq": test.test.statistic]
  }
}
