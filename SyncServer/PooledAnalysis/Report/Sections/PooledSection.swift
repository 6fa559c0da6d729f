// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Random-effects means over external sites.
struct PooledSection: ReportSection {
  let id = "pooled"
  let title = "Pooled over external sites"

  func write(to page: inout ReportPage) {
    let words = page.words
    let pooled = page.report.pooled
    let parts = [
      (words("AUC"), pooled.auc, 3), (words("Calibration slope"), pooled.slope, 2),
      (words("O:E"), pooled.oe, 2), (words("Calibration-in-the-large"), pooled.citl, 2),
    ]
    let rows = parts.compactMap { name, value, digits in
      value.map {
        [
          name, "\($0.sites)", words.number($0.estimate, digits),
          words.range($0.low, $0.high, digits),
          words.range($0.predictionLow, $0.predictionHigh, digits), words.number($0.tau),
          "\(SVGCanvas.fixed(100 * $0.i2, 0)) %",
        ]
      }
    }
    guard !rows.isEmpty else {
      page.paragraph(words("Fewer than two external sites: nothing to pool."))
      return
    }
    page.table(
      [
        "", words("Sites"), words("Mean"), words("95 % interval"),
        words("95 % interval for a new site"), "τ", "I²",
      ],
      rows,
      note: words(
        "Random effects: restricted maximum likelihood, Hartung–Knapp; AUC pooled as its logit, O:E as its logarithm; prediction interval with k − 2 degrees of freedom."
      )
    )
    page.list(pooled.cautions.map(words.translated))
  }
}
