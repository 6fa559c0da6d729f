// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// The model itself: coefficients, classification at its cut-off, nomogram.
struct ModelSection: ReportSection {
  let id = "model"
  let title = "The model"

  func write(to page: inout ReportPage) {
    let words = page.words
    let summary = page.report.summary
    page.table(
      [
        words("Term"), words("Coefficient"), words("SE"), words("Odds ratio"),
        words("95 % interval"), "p",
      ],
      [[words("(intercept)"), words.number(summary.intercept), "", "", "", ""]]
        + summary.coefficients.map { own in
          [
            words.term(own.term), words.number(own.estimate), words.number(own.se),
            words.number(own.oddsRatio), words.range(own.low, own.high), words.p(own.p),
          ]
        },
      note: page.report.population == "left_out"
        ? words("Fitted to all of these patients; each site was predicted without its own.")
        : words("As released; nothing was fitted to these patients.")
    )
    addClassification(&page)
    page.figure(
      NomogramDrawing.svg(
        release: page.content.release,
        score: nil,
        words: { words.translated($0) }
      ),
      words("Nomogram of the release."),
      isWide: true
    )
  }

  private func addClassification(_ page: inout ReportPage) {
    let words = page.words
    let own = page.report.summary.performance
    let shares: [(String, String, Double?)] = [
      ("sensitivity", words("Sensitivity"), own.sensitivity),
      ("specificity", words("Specificity"), own.specificity),
      ("ppv", words("Positive predictive value"), own.ppv),
      ("npv", words("Negative predictive value"), own.npv),
    ]
    page.table(
      [words("At the cut-off {1}", words.number(own.cutoff)), words("Estimate (95 %)")],
      shares.map { [$0.1, words.percent($0.2, own.limits[$0.0])] }
    )
  }
}
