// SPDX-License-Identifier: Apache-2.0
import RiskModel

extension ReportPage {
  mutating func addModel() {
    heading("The model")
    let summary = report.summary
    let performance = summary.performance
    table(
      ["Term", "Coefficient", "SE", "Odds ratio", "95 % interval", "p"],
      [["(intercept)", Self.number(summary.intercept), "", "", "", ""]]
        + summary.coefficients.map(coefficientRow),
      note: report.population == "left_out"
        ? "Fitted to all of these patients; each site was predicted without its own."
        : "As released; nothing was fitted to these patients."
    )
    table(
      ["At the cut-off \(Self.number(performance.cutoff))", "Estimate (95 %)"],
      [
        ("sensitivity", "Sensitivity"), ("specificity", "Specificity"),
        ("ppv", "Positive predictive value"), ("npv", "Negative predictive value"),
      ].map { name, label in
        let value: Double? =
          switch name {
          case "sensitivity": performance.sensitivity
          case "specificity": performance.specificity
          case "ppv": performance.ppv
          default: performance.npv
          }
        return [label, Self.percent(value, performance.limits[name])]
      }
    )
  }

  private func coefficientRow(_ own: CoefficientSummary) -> [String] {
    [
      Self.term(own.term), Self.number(own.estimate), Self.number(own.se),
      Self.number(own.oddsRatio),
      Self.range(own.low, own.high), Self.p(own.p),
    ]
  }

  mutating func addRefit() {
    guard let refit else { return }
    heading("Refit")
    paragraph(
      "\(refit.models[refit.chosen]?.performance.n ?? 0) patients of \(refit.sites.count) "
        + "sites. The plan chooses \(refit.chosen.replacing("_", with: " ")): \(refit.reason). "
        + "All figures here are apparent: the model saw these patients."
    )
    let names = refit.models.keys.sorted()
    let terms = refit.models[refit.chosen]?.coefficients.map(\.term) ?? []
    table(
      ["Odds ratio (95 %)"] + names.map { $0.replacing("_", with: " ") },
      terms.map { term in
        [Self.term(term)]
          + names.map { name in
            let own = refit.models[name]?.coefficients.first { $0.term == term }
            return own.map {
              "\(Self.number($0.oddsRatio, 2)) (\(Self.range($0.low, $0.high, 2)))"
            } ?? Self.absent
          }
      }
    )
    table(
      ["Model", "n", "Events", "AUC (95 %)", "Deviance", "Brier", "Cut-off"],
      (names.map { ($0, refit.models[$0]) } + comparatorNames.map { ($0, refit.comparators[$0]) })
        .compactMap { name, model in model.map { modelRow(name, $0.performance) } }
    )
    table(
      ["AUC difference on the same patients", "Difference (95 %)", "Z", "p"],
      refit.comparisons.map(differenceRow)
    )
    if let optimism = refit.optimism {
      paragraph(
        "Corrected for optimism by \(optimism.samples) resamples (seed "
          + "\(optimism.seed.map { "\($0)" } ?? "given"), \(optimism.failed) without a fit): AUC "
          + "\(Self.number(optimism.correctedAUC)) (apparent "
          + "\(Self.number(optimism.apparentAUC))), calibration slope "
          + "\(Self.number(optimism.correctedSlope)), Brier score "
          + "\(Self.number(optimism.correctedBrier)). Cut-offs of the predictors were not searched "
          + "anew in the resamples."
      )
    }
    addCrossValidation(refit)
    addUpdate(refit)
    addSearch(refit)
    list(refit.notComputed.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)." })
  }

  private var comparatorNames: [String] { plan.comparators.map(\.name) }

  private func modelRow(_ name: String, _ own: Performance) -> [String] {
    [
      name.replacing("_", with: " "), "\(own.n)", "\(own.events)", Self.limited(own.auc),
      Self.number(own.deviance, 1), Self.number(own.brier), Self.number(own.cutoff),
    ]
  }

  private func differenceRow(_ own: AUCDifference) -> [String] {
    let names = "\(own.first) − \(own.second)".replacing("_", with: " ")
    return [
      names, "\(Self.number(own.difference)) (\(Self.range(own.low, own.high)))",
      Self.number(own.z), Self.p(own.p),
    ]
  }

  private mutating func addCrossValidation(_ refit: RefitReport) {
    guard let cross = refit.crossValidation else { return }
    table(
      ["Site left out of the refit", "n", "Events", "AUC (95 %)", "Slope (95 %)", "O:E (95 %)"],
      cross.bySite.map { group in
        let own = group.performance
        return [
          group.site ?? "", "\(own.n)", "\(own.events)", Self.limited(own.auc),
          Self.withError(own.calibration?.slope, own.calibration?.slopeSE),
          Self.observedToExpected(own.calibration),
        ]
      },
      note: "Internal–external cross-validation: each site is predicted by a model of all others."
    )
    if let difference = cross.againstIncumbent {
      table(["Left-out predictions", "Difference (95 %)", "Z", "p"], [differenceRow(difference)])
    }
  }

  mutating func addGate() {
    heading("Gate")
    paragraph("Written in the plan before the data were seen. What was not computed is not passed.")
    let results = refit?.gate ?? report.gate
    guard !results.isEmpty else {
      paragraph("No gate was asked: the plan has none, or there is nothing to replace.")
      return
    }
    let isPassed = results.allSatisfy(\.pass)
    paragraph(
      isPassed
        ? "Passed: the candidate may be signed."
        : "Not passed: the current release stays. A candidate that fails is signed only with a "
          + "stated reason of both signers, which marks its card."
    )
    let rows = results.map { own in
      [
        own.label, own.limit,
        own.value.map { Self.number($0, $0 == $0.rounded() ? 0 : 4) } ?? Self.absent,
        (own.pass ? "met" : "not met") + (own.note.map { "; \($0)" } ?? ""),
      ]
    }
    table(
      ["Criterion", "Limit", "Value", ""],
      rows,
      note: "Every figure is of sites that had no part in the model that predicts them; the choice "
        + "of the update is repeated without each site. Development patients are not counted.",
      lastIsText: true
    )
  }

  mutating func addSource() {
    let card = release.card
    heading("Source, limits and contradictions")
    paragraph(card.source)
    paragraph(card.development)
    paragraph(card.provenance)
    list(card.limitations)
    guard !card.contradictions.isEmpty else { return }
    paragraph("Where the source contradicts itself:")
    list(card.contradictions)
  }
}
