// SPDX-License-Identifier: Apache-2.0
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
    case models, chosen, comparators, comparisons, flow, validation, refit
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
    try container.encode(refit, forKey: .refit)
    try container.encode(validation, forKey: .validation)
  }
}

/// Analyses one file of patients under a plan.
public enum Analysis {
  /// Refits the plan's model on the rows and validates the release on them.
  ///
  /// - Throws: As `ModelRefit.refit` and `ModelValidation.validate`.
  public static func analyze(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    release: ModelRelease
  ) throws(PooledAnalysisError) -> AnalysisReport {
    let refit = try ModelRefit.refit(rows, plan: plan, incumbent: release)
    guard let summary = refit.models["maximum_likelihood"] ?? refit.chosenModel else {
      throw .nothingFitted
    }
    let validation = try ModelValidation.validate(rows, release: release, plan: plan)
    return AnalysisReport(summary: summary, refit: refit, validation: validation)
  }
}
