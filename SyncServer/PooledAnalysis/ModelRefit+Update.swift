// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import RiskModel

extension ModelRefit {
  /// What a step of the ladder is called among the models of a refit.
  static func name(
    of step: UpdateStep,
    in set: AnalysisSet,
    _ models: [String: ModelSummary]
  )
    -> String
  {
    switch step {
    case .keep: "incumbent"
    case .intercept: "recalibrated_intercept"
    case .interceptSlope: "recalibrated_slope"
    case .reEstimate: models[stacked] == nil ? FittedModel.Method.firth.rawValue : stacked
    }
  }

  /// Adds the steps of the ladder, takes its choice, and asks the gate.
  static func addUpdate(
    _ update: ModelUpdate,
    _ challengers: [UpdateComparison],
    _ set: AnalysisSet,
    _ plan: AnalysisPlan,
    _ context: GateContext,
    _ report: inout RefitReport
  ) {
    for step in update.rules.steps where step != .reEstimate {
      guard let model = update.ladder.models[step] else { continue }
      report.models[name(of: step, in: set, report.models)] = summary(model, set)
    }
    let name = name(of: update.ladder.chosen, in: set, report.models)
    if report.models[name] != nil {
      report.chosen = name
      report.reason = reason(update)
    }
    let evidence = plan.gate.map(update.evidence) ?? update.evidence(.ladder)
    report.update = update.report(evidence, context: context)
    report.update?.compared += challengers
    if let rules = plan.gate {
      report.gate = Gate.evaluate(rules, evidence: evidence, context: context)
    }
    report.gatePassed = report.isGatePassed
  }

  /// A step with its performance on the external patients of the cut.
  private static func summary(_ model: UpdateLadder.Model, _ set: AnalysisSet) -> ModelSummary {
    let external = set.external
    let risks = external.map {
      Logit.inverse(PatternTable.linearPredictor($0.terms, model.coefficients))
    }
    let performance = Performance.measure(
      risks: risks,
      outcomes: external.outcomes,
      cutoff: .youden,
      parameters: model.coefficients.count
    )
    let coefficients = set.termNames.enumerated().map { index, term in
      CoefficientSummary(
        term: term,
        estimate: model.coefficients[index + 1],
        variance: model.covariance[index + 1][index + 1]
      )
    }
    return ModelSummary(
      performance: performance,
      intercept: model.coefficients[0],
      coefficients: coefficients,
      covariance: model.covariance
    )
  }

  private static func reason(_ update: ModelUpdate) -> String {
    let tests = update.ladder.tests
    let open = update.rules.steps.map { $0.rawValue.replacing("_", with: " ") }
    let level = update.rules.level
    let taken = tests.first { $0.p >= level }
    let found =
      taken == nil
      ? "every smaller step is rejected at \(level)" : "it is not rejected at \(level)"
    return "closed test over \(open.joined(separator: ", ")): \(found)"
  }
}
