// SPDX-License-Identifier: Apache-2.0

/// How a released model does on pooled patients.
///
/// The top level describes the external patients; where there are none, the development patients,
/// and `population` says `development`: apparent performance.
public struct ValidationReport: Codable, Hashable, Sendable {
  /// The release line.
  public var model: String
  /// The release version.
  public var version: UInt64
  /// The plan's name.
  public var plan: String
  /// `external`, `development`, or `left_out` for a new model whose patients were each predicted
  /// by the other sites: whom the top level describes.
  public var population: String
  /// The model and its performance.
  public var summary: ModelSummary
  /// Who was left out, and why.
  public var flow: EligibilityFlow
  /// All external patients, pooled as rows; absent when there are none.
  public var external: Performance?
  /// Patients of the published development cohort: apparent performance, apart from the rest.
  public var development: Performance?
  /// Each site, in order; development patients as an entry of their own.
  public var bySite: [GroupPerformance]
  /// External patients by the codes of the plan's grouping columns.
  public var byGroup: [GroupPerformance]
  /// Random-effects estimates over external sites.
  public var pooled: PooledPerformance
  /// External patients, with competing deaths counted as events and as non-events.
  public var competingCases: CompetingCases?
  /// The ROC curve of the top-level patients.
  public var roc: [ROCPoint]
  /// Observed share by predicted risk, top-level patients.
  public var riskPatterns: [RiskPatternSummary]
  /// Net benefit of the model on the top-level patients.
  public var decisionCurve: [DecisionPoint]
  /// Progression-free survival of the top-level patients by risk group.
  public var survival: LandmarkSurvival?
  /// The same risks against the plan's second outcome.
  public var secondEndpoint: SecondEndpoint?
  /// The primary analysis under other choices.
  public var sensitivity: [Sensitivity]
  /// How often the outcome and each predictor are not known, by site and by outcome.
  public var missingness: [ColumnMissingness]
  /// What had become of patients without a predictor; absent without a landmark.
  public var landmarkAbsence: LandmarkAbsence?
  /// The plan's columns of acquisition, by site.
  public var acquisition: [ColumnBySite]
  /// Patients with values in conflict, by site; absent where no history is known.
  public var conflicts: [SiteConflicts]?
  /// What a reader alone would have made of the score; absent where nobody was read twice.
  public var readerEffect: ReaderEffect?
  /// When the plan was written, against when the data came; absent outside a registry.
  public var planTiming: PlanTiming?
  /// What a candidate must meet; a value not computed does not pass.
  public var gate: [GateResult]
  /// The statement on use.
  public var statement: String
  /// What the probability is of.
  public var outcome: String

  private enum CodingKeys: String, CodingKey {
    case model, version, plan, population, flow, external, development, pooled, roc, gate
    case statement, outcome, survival, missingness, acquisition
    case landmarkAbsence = "landmark_absence"
    case conflicts = "conflicts_by_site"
    case readerEffect = "reader_effect"
    case planTiming = "plan_timing"
    case sensitivity = "sensitivity_analyses"
    case secondEndpoint = "second_endpoint"
    case bySite = "by_site"
    case byGroup = "by_group"
    case competingCases = "competing_cases"
    case riskPatterns = "risk_patterns"
    case decisionCurve = "decision_curve"
  }
}

/// Performance in one site or group.
public struct GroupPerformance: Codable, Hashable, Sendable {
  /// The site's code; absent for other groups.
  public var site: String?
  /// The grouping column; absent for sites.
  public var column: String?
  /// The group's code; absent for sites.
  public var level: String?
  /// Whether these are development patients.
  public var development: Bool
  /// Whether events or non-events are too few for estimates of its own.
  public var isSmall: Bool
  /// The performance; counts alone when small.
  public var performance: Performance

  private enum CodingKeys: String, CodingKey {
    case site, column, level, development
    case isSmall = "is_small"
  }
}

/// The primary analysis with competing deaths counted either way.
public struct CompetingCases: Codable, Hashable, Sendable {
  /// Competing deaths among patients with predictors.
  public var count: Int
  /// All of them counted as events.
  public var asEvents: Performance
  /// All of them counted as non-events.
  public var asNonEvents: Performance

  private enum CodingKeys: String, CodingKey {
    case count
    case asEvents = "as_events"
    case asNonEvents = "as_non_events"
  }
}

/// One point of a ROC curve.
public struct ROCPoint: Codable, Hashable, Sendable {
  /// Share of events at or above the threshold.
  public var sensitivity: Double
  /// Share of non-events below the threshold.
  public var specificity: Double
}

/// Patients with the same predicted risk.
public struct RiskPatternSummary: Codable, Hashable, Sendable {
  /// The predicted risk.
  public var risk: Double
  /// Patients.
  public var n: Int
  /// Patients with the outcome.
  public var events: Int
  /// Wilson's lower 95 % limit of the observed share.
  public var low: Double
  /// Wilson's upper 95 % limit of the observed share.
  public var high: Double
}

/// Net benefit at one threshold probability.
public struct DecisionPoint: Codable, Hashable, Sendable {
  /// The threshold probability.
  public var threshold: Double
  /// Net benefit of the model.
  public var netBenefit: Double
  /// Net benefit of treating everybody as positive.
  public var treatAll: Double

  private enum CodingKeys: String, CodingKey {
    case threshold
    case netBenefit = "net_benefit"
    case treatAll = "treat_all"
  }
}

extension ValidationReport {
  /// Reads the report with the model's keys at the top level.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      model: try container.decode(String.self, forKey: .model),
      version: try container.decode(UInt64.self, forKey: .version),
      plan: try container.decode(String.self, forKey: .plan),
      population: try container.decode(String.self, forKey: .population),
      summary: try ModelSummary(from: decoder),
      flow: try container.decode(EligibilityFlow.self, forKey: .flow),
      external: try container.decodeIfPresent(Performance.self, forKey: .external),
      development: try container.decodeIfPresent(Performance.self, forKey: .development),
      bySite: try container.decode([GroupPerformance].self, forKey: .bySite),
      byGroup: try container.decode([GroupPerformance].self, forKey: .byGroup),
      pooled: try container.decode(PooledPerformance.self, forKey: .pooled),
      competingCases: try container.decodeIfPresent(CompetingCases.self, forKey: .competingCases),
      roc: try container.decode([ROCPoint].self, forKey: .roc),
      riskPatterns: try container.decode([RiskPatternSummary].self, forKey: .riskPatterns),
      decisionCurve: try container.decode([DecisionPoint].self, forKey: .decisionCurve),
      survival: try container.decodeIfPresent(LandmarkSurvival.self, forKey: .survival),
      secondEndpoint: try container.decodeIfPresent(SecondEndpoint.self, forKey: .secondEndpoint),
      sensitivity: try container.decode([Sensitivity].self, forKey: .sensitivity),
      missingness: try container.decodeIfPresent([ColumnMissingness].self, forKey: .missingness)
        ?? [],
      landmarkAbsence: try container.decodeIfPresent(
        LandmarkAbsence.self,
        forKey: .landmarkAbsence
      ),
      acquisition: try container.decodeIfPresent([ColumnBySite].self, forKey: .acquisition) ?? [],
      conflicts: try container.decodeIfPresent([SiteConflicts].self, forKey: .conflicts),
      readerEffect: try container.decodeIfPresent(ReaderEffect.self, forKey: .readerEffect),
      planTiming: try container.decodeIfPresent(PlanTiming.self, forKey: .planTiming),
      gate: try container.decode([GateResult].self, forKey: .gate),
      statement: try container.decode(String.self, forKey: .statement),
      outcome: try container.decode(String.self, forKey: .outcome)
    )
  }

  /// Writes the report with the model's keys at the top level.
  public func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(version, forKey: .version)
    try container.encode(plan, forKey: .plan)
    try container.encode(population, forKey: .population)
    try container.encode(flow, forKey: .flow)
    try container.encodeIfPresent(external, forKey: .external)
    try container.encodeIfPresent(development, forKey: .development)
    try container.encode(bySite, forKey: .bySite)
    try container.encode(byGroup, forKey: .byGroup)
    try container.encode(pooled, forKey: .pooled)
    try container.encodeIfPresent(competingCases, forKey: .competingCases)
    try container.encode(roc, forKey: .roc)
    try container.encode(riskPatterns, forKey: .riskPatterns)
    try container.encode(decisionCurve, forKey: .decisionCurve)
    try container.encodeIfPresent(survival, forKey: .survival)
    try container.encodeIfPresent(secondEndpoint, forKey: .secondEndpoint)
    try container.encode(sensitivity, forKey: .sensitivity)
    try container.encode(missingness, forKey: .missingness)
    try container.encodeIfPresent(landmarkAbsence, forKey: .landmarkAbsence)
    try container.encode(acquisition, forKey: .acquisition)
    try container.encodeIfPresent(conflicts, forKey: .conflicts)
    try container.encodeIfPresent(readerEffect, forKey: .readerEffect)
    try container.encodeIfPresent(planTiming, forKey: .planTiming)
    try container.encode(gate, forKey: .gate)
    try container.encode(statement, forKey: .statement)
    try container.encode(outcome, forKey: .outcome)
  }
}

extension GroupPerformance {
  /// Reads group and performance from one object.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      site: try container.decodeIfPresent(String.self, forKey: .site),
      column: try container.decodeIfPresent(String.self, forKey: .column),
      level: try container.decodeIfPresent(String.self, forKey: .level),
      development: try container.decode(Bool.self, forKey: .development),
      isSmall: try container.decode(Bool.self, forKey: .isSmall),
      performance: try Performance(from: decoder)
    )
  }

  /// Writes group and performance as one object.
  public func encode(to encoder: any Encoder) throws {
    try performance.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(site, forKey: .site)
    try container.encodeIfPresent(column, forKey: .column)
    try container.encodeIfPresent(level, forKey: .level)
    try container.encode(development, forKey: .development)
    try container.encode(isSmall, forKey: .isSmall)
  }
}
