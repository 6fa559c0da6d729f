// SPDX-License-Identifier: Apache-2.0

/// The numbers of a report as tidy tables, one for each table and figure of the page.
public enum ReportTables {
  /// All tables that have rows.
  public static func all(_ content: ReportContent) -> [ReportTable] {
    let report = content.validation
    let figures = ReportFigures(content)
    let tables =
      [
        flow(report.flow), performance(content), pooled(report.pooled), roc(report.roc),
        calibrationPoints(figures), calibrationCurve(figures), riskDistribution(figures),
        decisionCurve(report.decisionCurve), thresholds(figures), sensitivity(report),
        coefficients(content), gate(content), checklists(content), provenance(content),
      ] + survival(report.survival) + refit(content.refit) + published(content.published)
      + description(report)
    return tables.filter { !$0.rows.isEmpty }
  }

  private static func flow(_ own: EligibilityFlow) -> ReportTable {
    var table = ReportTable("flow", ["step", "column", "patients"])
    let steps = [
      ("refused_rows", own.refusedRows), ("patients", own.patients),
      ("withdrawn", own.withdrawn), ("competing", own.competing),
      ("missing_outcome", own.missingOutcome), ("missing_predictor", own.missingPredictor),
      ("complete", own.complete), ("complete_development", own.completeDevelopment),
      ("complete_with_conflict", own.completeWithConflict), ("implausible", own.implausible),
    ]
    for (name, count) in steps { table.add([name, "", count]) }
    if let ever = own.completeEverInConflict {
      table.add(["complete_ever_in_conflict", "", ever])
    }
    for (column, count) in own.missingByPredictor.sorted(by: { $0.key < $1.key }) {
      table.add(["missing_by_predictor", column, count])
    }
    return table
  }

  private static func pooled(_ own: PooledPerformance) -> ReportTable {
    var table = ReportTable(
      "pooled",
      [
        "measure", "sites", "estimate", "low", "high", "prediction_low", "prediction_high", "tau",
        "i2", "scale",
      ]
    )
    let parts = [
      ("auc", own.auc), ("slope", own.slope), ("o_e", own.oe), ("in_the_large", own.citl),
    ]
    for (name, value) in parts {
      guard let value else { continue }
      table.add([
        name, value.sites, value.estimate, value.low, value.high, value.predictionLow,
        value.predictionHigh, value.tau, value.i2, value.scale,
      ])
    }
    return table
  }

  private static func roc(_ points: [ROCPoint]) -> ReportTable {
    var table = ReportTable("figure_roc", ["sensitivity", "specificity"])
    for point in points { table.add([point.sensitivity, point.specificity]) }
    return table
  }

  private static func calibrationPoints(_ figures: ReportFigures) -> ReportTable {
    var table = ReportTable(
      "figure_calibration_points",
      ["risk", "n", "events", "observed", "low", "high"]
    )
    for own in figures.calibrationPoints {
      let share = Double(own.events) / Double(own.n)
      table.add([own.risk, own.n, own.events, share, own.low, own.high])
    }
    return table
  }

  private static func calibrationCurve(_ figures: ReportFigures) -> ReportTable {
    var table = ReportTable("figure_calibration_curve", ["risk", "observed", "low", "high"])
    for own in figures.smooth { table.add([own.risk, own.observed, own.low, own.high]) }
    return table
  }

  private static func riskDistribution(_ figures: ReportFigures) -> ReportTable {
    var table = ReportTable("figure_risks", ["from", "to", "events", "non_events"])
    for own in figures.riskBins { table.add([own.from, own.to, own.events, own.nonEvents]) }
    return table
  }

  private static func decisionCurve(_ points: [DecisionPoint]) -> ReportTable {
    var table = ReportTable("figure_decision_curve", ["threshold", "net_benefit", "treat_all"])
    for point in points { table.add([point.threshold, point.netBenefit, point.treatAll]) }
    return table
  }

  private static func thresholds(_ figures: ReportFigures) -> ReportTable {
    var table = ReportTable(
      "thresholds",
      [
        "threshold", "positive", "true_positive", "negative", "true_negative", "net_benefit",
        "treat_all",
      ]
    )
    for own in figures.thresholds {
      table.add([
        own.threshold, own.positive, own.truePositive, own.negative, own.trueNegative,
        own.netBenefit, own.treatAll,
      ])
    }
    return table
  }

  private static func sensitivity(_ report: ValidationReport) -> ReportTable {
    var table = ReportTable(
      "sensitivity_analyses",
      [
        "analysis", "site", "n", "events", "auc", "auc_low", "auc_high", "slope", "slope_low",
        "slope_high", "in_the_large", "in_the_large_low", "in_the_large_high", "note",
      ]
    )
    for own in report.sensitivity {
      table.add([
        own.name, own.site, own.n, own.events, own.auc?.estimate, own.auc?.low, own.auc?.high,
        own.slope?.estimate, own.slope?.low, own.slope?.high, own.inTheLarge?.estimate,
        own.inTheLarge?.low, own.inTheLarge?.high, own.note,
      ])
    }
    return table
  }
}
