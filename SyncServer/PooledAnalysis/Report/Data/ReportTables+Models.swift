// SPDX-License-Identifier: Apache-2.0

/// Tables of models and of who was measured.
extension ReportTables {
  static func performance(_ content: ReportContent) -> ReportTable {
    let report = content.validation
    var table = ReportTable("performance", performanceColumns)
    add("all", "", report.population, report.summary.performance, &table)
    for own in report.bySite {
      let population = own.development ? "development" : "external"
      add("site", own.site ?? "", population, own.performance, &table)
    }
    for own in report.byGroup {
      add(own.column ?? "", own.level ?? "", "external", own.performance, &table)
    }
    if let cases = report.competingCases {
      add("competing", "as_events", "external", cases.asEvents, &table)
      add("competing", "as_non_events", "external", cases.asNonEvents, &table)
    }
    if let second = report.secondEndpoint {
      add("second_endpoint", second.label, "external", second.performance, &table)
    }
    for own in content.refit?.crossValidation?.bySite ?? [] {
      add("left_out_site", own.site ?? "", "external", own.performance, &table)
    }
    let refit = content.refit
    let models = (refit?.models ?? [:]).merging(refit?.comparators ?? [:]) { $1 }
    for (name, model) in models.sorted(by: { $0.key < $1.key }) {
      add("refit", name, "apparent", model.performance, &table)
    }
    return table
  }

  static let performanceColumns = [
    "group", "level", "population", "n", "events", "auc", "auc_low", "auc_high", "slope",
    "slope_se", "in_the_large", "in_the_large_se", "o_e", "o_e_low", "o_e_high", "brier", "cutoff",
    "sensitivity", "specificity", "ppv", "npv", "deviance",
  ]

  static func add(
    _ group: String,
    _ level: String,
    _ population: String,
    _ own: Performance,
    _ table: inout ReportTable
  ) {
    let calibration = own.calibration
    table.add([
      group, level, population, own.n, own.events, own.auc?.estimate, own.auc?.low, own.auc?.high,
      calibration?.slope, calibration?.slopeSE, calibration?.intercept, calibration?.interceptSE,
      calibration?.oe, calibration?.oeLow, calibration?.oeHigh, own.brier, own.cutoff,
      own.sensitivity, own.specificity, own.ppv, own.npv, own.deviance,
    ])
  }

  static func coefficients(_ content: ReportContent) -> ReportTable {
    var table = ReportTable(
      "coefficients",
      ["model", "term", "estimate", "se", "odds_ratio", "low", "high", "p"]
    )
    func add(_ name: String, _ model: ModelSummary) {
      let none: Double? = nil
      table.add([name, "(intercept)", model.intercept, none, none, none, none, none])
      for own in model.coefficients {
        table.add([
          name, own.term, own.estimate, own.se, own.oddsRatio, own.low, own.high, own.p,
        ])
      }
    }
    add("release", content.validation.summary)
    let refit = content.refit
    let models = (refit?.models ?? [:]).merging(refit?.comparators ?? [:]) { $1 }
    for (name, model) in models.sorted(by: { $0.key < $1.key }) { add(name, model) }
    return table
  }

  static func gate(_ content: ReportContent) -> ReportTable {
    var table = ReportTable("gate", ["criterion", "label", "value", "limit", "pass", "note"])
    for own in content.refit?.gate ?? content.validation.gate {
      table.add([own.criterion, own.label, own.value, own.limit, own.pass, own.note])
    }
    return table
  }

  static func refit(_ refit: RefitReport?) -> [ReportTable] {
    guard let refit else { return [] }
    var differences = ReportTable(
      "auc_differences",
      ["first", "second", "difference", "se", "low", "high", "z", "p"]
    )
    for own in refit.comparisons {
      differences.add([
        own.first, own.second, own.difference, own.se, own.low, own.high, own.z, own.p,
      ])
    }
    var instability = ReportTable("figure_instability", ["risk", "n", "low", "high", "change"])
    for own in refit.instability?.patterns ?? [] {
      instability.add([own.risk, own.n, own.low, own.high, own.change])
    }
    var screening = ReportTable(
      "screening",
      [
        "candidate", "n", "odds_ratio", "low", "high", "p", "kept", "in_lasso", "in_sparse_lasso",
        "published",
      ]
    )
    for own in refit.screening?.rows ?? [] {
      screening.add([
        own.candidate, own.n, own.oddsRatio, own.low, own.high, own.p, own.isKept, own.isInLasso,
        own.isInSparseLasso, own.published,
      ])
    }
    return [differences, instability, screening, update(refit.update), sampleSize(refit)]
  }

  private static func update(_ update: UpdateReport?) -> ReportTable {
    var table = ReportTable(
      "update_sites",
      [
        "site", "n", "events", "step", "log_loss", "incumbent_log_loss", "difference", "low",
        "high",
      ]
    )
    for own in update?.evidence.sites ?? [] {
      table.add([
        own.site, own.n, own.events, own.step.rawValue, own.logLoss, own.incumbentLogLoss,
        own.difference, own.low, own.high,
      ])
    }
    return table
  }

  private static func sampleSize(_ refit: RefitReport) -> ReportTable {
    var table = ReportTable(
      "sample_size",
      ["source", "n", "events", "parameters", "cox_snell", "needed"]
    )
    for own in refit.sampleSize {
      table.add([own.source, own.n, own.events, own.parameters, own.coxSnell, own.needed])
    }
    return table
  }
}
