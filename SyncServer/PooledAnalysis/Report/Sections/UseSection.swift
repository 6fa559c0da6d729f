// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// For whom the model is, and what is decided at which risk.
struct UseSection: ReportSection {
  let id = "use"
  let title = "Intended use, and the decision at each threshold"

  func write(to page: inout ReportPage) {
    let words = page.words
    page.paragraph(words.translated(page.content.release.card.intendedUse))
    let decisions = page.content.study?.decisions ?? []
    page.table(
      [words("Predicted risk"), words("At or above it"), words("What is weighed")],
      decisions.map {
        [
          "≥ \(words.number($0.threshold, 2))", words.translated($0.action),
          words.translated($0.weighing),
        ]
      },
      worded: [1, 2]
    )
    if decisions.isEmpty {
      page.paragraph(
        words("The study states no decision at any threshold: see the checklists below.")
      )
    }
    addThresholds(&page)
  }

  private func addThresholds(_ page: inout ReportPage) {
    let words = page.words
    let rows = ReportFigures(page.content).thresholds
    func share(_ part: Int, _ whole: Int) -> String {
      whole == 0
        ? ReportWords.absent
        : words("{1} of {2} ({3})", "\(part)", "\(whole)", words.percent(ratio(part, whole)))
    }
    page.table(
      [
        words("Threshold"), words("At or above"), words("of these with the outcome"),
        words("Below"), words("of these without it"), words("Net benefit"),
        words("all counted as high risk"),
      ],
      rows.map { own in
        [
          words.number(own.threshold), "\(own.positive)", share(own.truePositive, own.positive),
          "\(own.negative)", share(own.trueNegative, own.negative), words.number(own.netBenefit),
          words.number(own.treatAll),
        ]
      },
      note: words(
        "Thresholds of the plan, the study and the release's cut-off, {1}; patients of {2}.",
        words.number(page.content.release.cutoff),
        page.populationName
      )
    )
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double { Double(part) / Double(whole) }
}
