// SPDX-License-Identifier: Apache-2.0

/// Progression-free survival by risk group from the landmark.
struct SurvivalSection: ReportSection {
  let id = "survival"
  let title = "Progression-free survival by risk group, from the landmark"

  func isShown(_ content: ReportContent) -> Bool { content.validation.survival != nil }

  func write(to page: inout ReportPage) {
    guard let survival = page.report.survival else { return }
    let words = page.words
    let day = "\(survival.landmarkDay)"
    page.table(
      [
        words("Risk group"), "n", words("Events"),
        words("Median days from day {1} (95 %)", day), words("Other deaths"),
        words("Cumulative incidence at the end"),
      ],
      survival.groups.map { row($0, words) },
      worded: [5]
    )
    var text = words(
      "{1} patients had progressed or left follow-up by day {2} and {3} have no known time: both are left out, because the predictors are known only from then on.",
      "\(survival.endedBefore)",
      day,
      "\(survival.unknown)"
    )
    if let statistic = survival.statistic, let p = survival.p {
      text +=
        words.language == .chinese ? "" : " "
      text += words(
        "Log-rank, stratified by site: χ² {1}, p {2}.",
        words.number(statistic, 2),
        words.p(p)
      )
    }
    page.paragraph(text)
    page.figures([
      (
        SurvivalFigure(survival: survival, words: words).svg(),
        words("Kaplan–Meier curves with numbers at risk, {1}.", page.populationName)
      )
    ])
  }

  private func row(_ own: LandmarkSurvival.Group, _ words: ReportWords) -> [String] {
    let median = own.median.map { words.number($0, 0) } ?? words("not reached")
    return [
      words.translated(own.riskGroup), "\(own.n)", "\(own.events)",
      "\(median) (\(words.range(own.medianLow, own.medianHigh, 0)))", "\(own.competing)",
      own.incidence.last.map {
        words(
          "progression {1}, other death {2}",
          words.number($0.progression),
          words.number($0.competing)
        )
      } ?? ReportWords.absent,
    ]
  }
}
