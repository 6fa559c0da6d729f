// SPDX-License-Identifier: Apache-2.0

/// The primary analysis under other choices, and the second outcome.
struct SensitivitySection: ReportSection {
  let id = "sensitivity"
  let title = "Sensitivity analyses"

  func isShown(_ content: ReportContent) -> Bool {
    !content.validation.sensitivity.isEmpty || content.validation.secondEndpoint != nil
  }

  func write(to page: inout ReportPage) {
    let words = page.words
    page.table(
      [
        words("Analysis"), "n", words("Events"), words("AUC (95 %)"), words("Slope (95 %)"),
        words("In the large (95 %)"), "",
      ],
      page.report.sensitivity.map { own in
        let name = words.key(own.name)
        return [
          own.site.map { words("{1} {2}", name, $0) } ?? name, "\(own.n)", "\(own.events)",
          words.limited(own.auc), words.limited(own.slope, 2), words.limited(own.inTheLarge, 2),
          own.note.map(words.translated) ?? "",
        ]
      },
      worded: [6]
    )
    guard let second = page.report.secondEndpoint else { return }
    page.paragraph(
      words(
        "Second endpoint, {1}: n {2}, {3} events, AUC {4}. The probability is of the first endpoint, so calibration is not asked.",
        words.translated(second.label),
        "\(second.performance.n)",
        "\(second.performance.events)",
        words.limited(second.performance.auc)
      )
    )
  }
}
