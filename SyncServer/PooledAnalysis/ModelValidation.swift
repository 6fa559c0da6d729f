// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry
public import RiskModel

/// Validates a released model on pooled patients.
public enum ModelValidation {
  /// Measures discrimination, calibration and classification overall, by site and pooled.
  ///
  /// Development patients stand apart: they enter neither external nor pooled estimates nor the
  /// gate. Sites with fewer events or non-events than the plan asks enter the pooled estimates
  /// only.
  ///
  /// - Parameters:
  ///   - rows: All patients, withdrawn and incomplete ones included.
  ///   - release: The model; its own predictors decide who is complete.
  ///   - plan: The analysis plan.
  ///   - context: What the gate must know beyond the patients.
  ///   - workers: Tasks at once; their number changes no figure.
  /// - Returns: The report of external patients, or of development patients where there are no others.
  /// - Throws: `PooledAnalysisError.noCompleteRows`.
  public static func validate(
    _ rows: PooledRows,
    release: ModelRelease,
    plan: AnalysisPlan,
    context: GateContext = GateContext(),
    workers: Workers = Workers()
  ) throws(PooledAnalysisError) -> ValidationReport {
    try validate(
      rows,
      measure: ReleaseMeasure(release: release),
      plan: plan,
      context: context,
      workers: workers
    )
  }

  /// Validates a model whose patients may each be scored without their site.
  static func validate(
    _ rows: PooledRows,
    measure: ReleaseMeasure,
    plan: AnalysisPlan,
    context: GateContext,
    workers: Workers
  ) throws(PooledAnalysisError) -> ValidationReport {
    workers.tell("validating", 0)
    let release = measure.release
    let set = AnalysisSet(rows, predictors: release.predictors, plan: plan)
    guard !set.patients.isEmpty else { throw .noCompleteRows }
    let external = set.external
    let top = external.isEmpty ? set.development : external
    var jobs = JobList()
    let sensitivity = Sensitivity.Pieces(rows, set, measure, plan, in: &jobs)
    let update = updatePieces(set, measure, plan, in: &jobs)
    jobs.run(workers.within(0...0.8))
    let performance = measure.performance(top)
    let risks = measure.risks(top)
    return ValidationReport(
      model: release.modelID,
      version: release.version,
      plan: plan.name,
      population: external.isEmpty
        ? "development" : measure.leftOut.isEmpty ? "external" : "left_out",
      summary: measure.summary(performance),
      flow: set.flow,
      external: external.isEmpty ? nil : performance,
      development: set.development.isEmpty ? nil : measure.performance(set.development),
      bySite: sitePerformances(set, measure, plan),
      byGroup: groupPerformances(external, measure, plan),
      pooled: pooledPerformance(set, measure),
      competingCases: competingCases(set, measure),
      roc: roc(risks, top.outcomes),
      riskPatterns: riskPatterns(risks, top.outcomes),
      decisionCurve: decisionCurve(risks, top.outcomes, plan),
      survival: .measure(top, risks: risks, cutoff: release.cutoff, plan: plan),
      secondEndpoint: secondEndpoint(rows, measure, plan),
      sensitivity: sensitivity.values,
      missingness: ColumnMissingness.all(rows, plan),
      landmarkAbsence: .measure(rows, plan),
      acquisition: ColumnBySite.all(rows, plan),
      conflicts: SiteConflicts.all(rows, plan),
      readerEffect: .measure(rows, measure, plan),
      planTiming: context.planTiming,
      gate: gate(update?.update, plan, context),
      statement: release.statement,
      outcome: release.outcome.statement
    )
  }
}

extension ModelValidation {
  private static func sitePerformances(
    _ set: AnalysisSet,
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan
  ) -> [GroupPerformance] {
    let bySite = Dictionary(grouping: set.patients, by: \.row.site)
    return bySite.keys.sorted().flatMap { site in
      [false, true].compactMap { isDevelopment -> GroupPerformance? in
        let own = (bySite[site] ?? []).filter { $0.isDevelopment == isDevelopment }
        guard !own.isEmpty else { return nil }
        return group(own, measure, plan, site: site, isDevelopment: isDevelopment)
      }
    }
  }

  /// Columns with more values than this make no subgroups.
  private static let groupLimit = 20

  private static func groupPerformances(
    _ patients: [AnalysedPatient],
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan
  ) -> [GroupPerformance] {
    plan.groups.flatMap { column -> [GroupPerformance] in
      let texts = patients.map { $0.row.text(column) }
      let levels = Set(texts.compactMap(\.self))
      return (levels.count <= groupLimit ? levels : []).sorted().map { level in
        let own = zip(patients, texts).filter { $0.1 == level }.map(\.0)
        var result = group(own, measure, plan)
        result.column = column
        result.level = level
        return result
      }
    }
  }

  private static func group(
    _ patients: [AnalysedPatient],
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan,
    site: String? = nil,
    isDevelopment: Bool = false
  ) -> GroupPerformance {
    let events = patients.count(where: \.isEvent)
    let isSmall = min(events, patients.count - events) < plan.minimumEventsPerSite
    var performance = Performance(n: patients.count, events: events)
    if isSmall {
      performance.notes = [
        "fewer than \(plan.minimumEventsPerSite) events or non-events: no estimates of its own"
      ]
    } else {
      performance = measure.performance(patients)
    }
    return GroupPerformance(
      site: site,
      development: isDevelopment,
      isSmall: isSmall,
      performance: performance
    )
  }

  private static func pooledPerformance(
    _ set: AnalysisSet,
    _ measure: ReleaseMeasure
  ) -> PooledPerformance {
    let bySite = Dictionary(grouping: set.external, by: \.row.site)
    return .pool(
      bySite.sorted { $0.key < $1.key }.map { site, own in
        (site, measure.risks(own), own.outcomes)
      }
    )
  }

  /// The same risks against the plan's second outcome: discrimination alone, because the
  /// probability is of the first.
  private static func secondEndpoint(
    _ rows: PooledRows,
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan
  ) -> SecondEndpoint? {
    guard let outcome = plan.secondOutcome, rows.outcomeColumn == nil else { return nil }
    let set = AnalysisSet(
      rows,
      predictors: measure.release.predictors,
      plan: plan,
      outcome: outcome
    )
    let external = set.external
    guard !external.isEmpty else { return nil }
    var own = Performance.measure(
      risks: measure.risks(external),
      outcomes: external.outcomes,
      cutoff: .given(measure.release.cutoff),
      parameters: 0
    )
    (own.calibration, own.brier, own.deviance, own.aic) = (nil, nil, nil, nil)
    return SecondEndpoint(label: outcome.label, performance: own)
  }

  private static func competingCases(
    _ set: AnalysisSet,
    _ measure: ReleaseMeasure
  ) -> CompetingCases? {
    let competing = set.competing.filter { !$0.isDevelopment }
    guard !competing.isEmpty, !set.external.isEmpty else { return nil }
    func performance(isEvent: Bool) -> Performance {
      measure.performance(
        set.external
          + competing.map {
            AnalysedPatient(row: $0.row, terms: $0.terms, isEvent: isEvent, isDevelopment: false)
          }
      )
    }
    return CompetingCases(
      count: competing.count,
      asEvents: performance(isEvent: true),
      asNonEvents: performance(isEvent: false)
    )
  }

  /// What would replace the release on these patients; a new model replaces nothing.
  private static func updatePieces(
    _ set: AnalysisSet,
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan,
    in jobs: inout JobList
  ) -> ModelUpdate.Pieces? {
    guard plan.gate != nil, measure.leftOut.isEmpty,
      let draft = ModelUpdate.draft(
        set,
        plan: plan,
        incumbent: measure.release,
        cohort: plan.publishedCohort
      )
    else { return nil }
    return ModelUpdate.Pieces(draft, in: &jobs)
  }

  /// The gate, asked of what would replace the release.
  private static func gate(
    _ update: ModelUpdate?,
    _ plan: AnalysisPlan,
    _ context: GateContext
  ) -> [GateResult] {
    guard let rules = plan.gate, let update else { return [] }
    return Gate.evaluate(rules, evidence: update.evidence(rules), context: context)
  }
}

extension ModelValidation {
  static func roc(_ risks: [Double], _ outcomes: [Bool]) -> [ROCPoint] {
    guard let curve = try? ROCCurve(scores: risks, outcomes: outcomes) else { return [] }
    return curve.points.map { ROCPoint(sensitivity: $0.sensitivity, specificity: $0.specificity) }
      .sorted { ($0.specificity, -$0.sensitivity) > ($1.specificity, -$1.sensitivity) }
  }

  static func riskPatterns(_ risks: [Double], _ outcomes: [Bool]) -> [RiskPatternSummary] {
    guard let patterns = try? RiskPattern.group(risks: risks, outcomes: outcomes) else {
      return []
    }
    return patterns.map {
      RiskPatternSummary(
        risk: $0.risk,
        n: $0.observed.total,
        events: $0.observed.successes,
        low: $0.limits.low,
        high: $0.limits.high
      )
    }
  }

  static func decisionCurve(
    _ risks: [Double],
    _ outcomes: [Bool],
    _ plan: AnalysisPlan
  ) -> [DecisionPoint] {
    let points = try? DecisionCurve.measure(
      risks: risks,
      outcomes: outcomes,
      thresholds: plan.thresholds.values
    )
    return (points ?? []).map {
      DecisionPoint(threshold: $0.threshold, netBenefit: $0.netBenefit, treatAll: $0.treatAll)
    }
  }
}
