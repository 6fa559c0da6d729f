// SPDX-License-Identifier: Apache-2.0
import Registry
public import RiskModel

/// What one file gives under a plan: the refit of its own rows beside the release's validation.
///
/// The top level is the full model by maximum likelihood, or the chosen one where that gives none.
public struct AnalysisReport: Codable, Hashable, Sendable {
  /// The model whose keys stand at the top level.
  public var summary: ModelSummary
  /// All models, comparators and the gate.
  public var refit: RefitReport
  /// The current release on the same rows.
  public var validation: ValidationReport

  private enum CodingKeys: String, CodingKey {
    case models, chosen, comparators, comparisons, flow, validation, refit, pooled
    case bySite = "by_site"
    case crossValidation = "cross_validation"
  }

  init(summary: ModelSummary, refit: RefitReport, validation: ValidationReport) {
    self.summary = summary
    self.refit = refit
    self.validation = validation
  }

  /// Reads the report.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    summary = try ModelSummary(from: decoder)
    refit = try container.decode(RefitReport.self, forKey: .refit)
    validation = try container.decode(ValidationReport.self, forKey: .validation)
  }

  /// Writes the model's keys, the models by name, and both reports in full.
  public func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(refit.models, forKey: .models)
    try container.encode(refit.chosen, forKey: .chosen)
    try container.encode(refit.comparators, forKey: .comparators)
    try container.encode(refit.comparisons, forKey: .comparisons)
    try container.encode(refit.flow, forKey: .flow)
    try container.encode(validation.bySite, forKey: .bySite)
    try container.encode(validation.pooled, forKey: .pooled)
    try container.encodeIfPresent(refit.crossValidation, forKey: .crossValidation)
    try container.encode(refit, forKey: .refit)
    try container.encode(validation, forKey: .validation)
  }
}

/// Analyses one file of patients under a plan.
public enum Analysis {
  /// Refits the plan's model on the rows and validates the release on them.
  ///
  /// Where the release's predictors are not in the rows (another disease), there is no incumbent:
  /// the plan's own model is validated instead, each site by a model of the others.
  ///
  /// A predictor of codes enters as one 0/1 term for each code but the first.
  ///
  /// - Returns: The report.
  /// - Throws: As `ModelRefit.refit` and `ModelValidation.validate`.
  public static func analyze(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    release: ModelRelease,
    workers: Workers = Workers()
  ) throws(PooledAnalysisError) -> AnalysisReport {
    try analyzeWithModel(rows, plan: plan, release: release, workers: workers).report
  }

  /// As `analyze`, with the model that was validated.
  ///
  /// - Throws: As `analyze`.
  public static func analyzeWithModel(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    release: ModelRelease,
    workers: Workers = Workers()
  ) throws(PooledAnalysisError) -> (report: AnalysisReport, model: ModelRelease) {
    let (rows, plan) = try CodedPredictors.expand(rows, plan)
    let columns = Set(plan.predictors.map(\.column))
    let isIncumbent = release.inputColumns.allSatisfy { column in
      columns.contains(column) || rows.rows.contains { $0.values[column] != nil }
    }
    let refit = try ModelRefit.refit(
      rows,
      plan: plan,
      incumbent: isIncumbent ? release : nil,
      workers: workers.within(0...0.85)
    )
    guard let summary = refit.models["maximum_likelihood"] ?? refit.chosenModel else {
      throw .nothingFitted
    }
    let measure: ReleaseMeasure
    if isIncumbent {
      measure = ReleaseMeasure(release: release)
    } else {
      guard let chosen = refit.chosenModel else { throw .nothingFitted }
      measure = ReleaseMeasure(
        release: unreleased(chosen, refit, plan),
        leftOut: refit.crossValidation?.coefficients ?? [:]
      )
    }
    let validation = try ModelValidation.validate(
      rows,
      measure: measure,
      plan: plan,
      context: GateContext(),
      workers: workers.within(0.85...1)
    )
    return (
      AnalysisReport(summary: summary, refit: refit, validation: validation), measure.release
    )
  }

  /// The plan's own model in the form of a release, which it is not.
  private static func unreleased(
    _ model: ModelSummary,
    _ refit: RefitReport,
    _ plan: AnalysisPlan
  ) -> ModelRelease {
    let outcome = plan.outcome?.label ?? plan.outcomeColumn ?? "outcome"
    return ModelRelease(
      modelID: plan.name,
      version: 1,
      name: "Model of plan \(plan.name)",
      status: "fitted here, not released",
      outcome: OutcomeWording(
        name: outcome,
        statement: "Probability of \(outcome).",
        caution: "A model that was fitted to these patients and released nowhere."
      ),
      predictors: plan.predictors,
      intercept: model.riskIntercept,
      coefficients: model.coefficients.map(\.estimate),
      covariance: model.covariance,
      cutoff: model.performance.cutoff ?? 0.5,
      isExternallyValidated: false,
      statement: "Research use; not externally validated.",
      warnings: [],
      card: ModelCard(
        source: "Fitted by plan \(plan.name) to the file that is reported here.",
        development: "\(model.performance.n) patients, \(model.performance.events) with the "
          + "outcome, from \(refit.sites.count) sites.",
        provenance: "\(refit.chosen.replacing("_", with: " ")): \(refit.reason).",
        intendedUse: "Methods research.",
        limitations: ["Each site is predicted by a model of the other sites."],
        contradictions: []
      ),
      vectors: []
    )
  }
}
