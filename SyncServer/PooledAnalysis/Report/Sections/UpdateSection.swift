// SPDX-License-Identifier: Apache-2.0

/// The ladder of updates, and each way to update as left-out sites see it.
struct UpdateSection: ReportSection {
  let id = "update"
  let title = "Updating the current release"

  func isShown(_ content: ReportContent) -> Bool { content.refit?.update != nil }

  func write(to page: inout ReportPage) {
    guard let update = page.content.refit?.update else { return }
    let words = page.words
    page.paragraph(
      words(
        "The closed test takes: {1}. Look {2}.",
        words.key(update.step.rawValue),
        "\(update.context.look)"
      )
    )
    page.table(
      [
        words("Smaller step against the largest"), "χ²", words("Degrees of freedom"), "p",
      ],
      update.tests.map {
        [
          words.key($0.step.rawValue), words.number($0.statistic, 2), "\($0.degreesOfFreedom)",
          words.p($0.p),
        ]
      }
    )
    addComparison(update, &page)
    page.table(
      [
        words("Site"), "n", words("Events"), words("Update without it"),
        words("Log loss − current (95 %)"),
      ],
      update.evidence.sites.map {
        [
          $0.site, "\($0.n)", "\($0.events)", words.key($0.step.rawValue),
          "\(words.number($0.difference, 4)) (\(words.range($0.low, $0.high, 4)))",
        ]
      }
    )
  }

  private func addComparison(_ update: UpdateReport, _ page: inout ReportPage) {
    let words = page.words
    page.table(
      [
        words("Left-out sites"), "n", words("Log loss − current (SE)"), words("Slope"),
        words("O:E"), words("AUC − current"),
      ],
      update.compared.map { own in
        [
          words.key(own.name), "\(own.n)",
          own.logLossDifference.map {
            "\(words.number($0.estimate, 4)) (\(words.number($0.se, 4)))"
          } ?? ReportWords.absent,
          words.number(own.slope?.estimate, 2), words.number(own.oe?.estimate, 2),
          words.number(own.aucDifference),
        ]
      },
      note: words(
        "Each row as if it had been fixed in advance; the ladder repeats its choice without each site. Other forms of the predictors use patients with measured values and are reported only."
      )
    )
  }
}
