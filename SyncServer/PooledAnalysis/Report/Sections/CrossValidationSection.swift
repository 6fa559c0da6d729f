// SPDX-License-Identifier: Apache-2.0

/// Each external site predicted by a model of the others.
struct CrossValidationSection: ReportSection {
  let id = "cross-validation"
  let title = "Internal–external cross-validation"

  func isShown(_ content: ReportContent) -> Bool { content.refit?.crossValidation != nil }

  func write(to page: inout ReportPage) {
    guard let cross = page.content.refit?.crossValidation else { return }
    let words = page.words
    page.table(
      [
        words("Site left out of the refit"), "n", words("Events"), words("AUC (95 %)"),
        words("Slope (95 %)"), words("O:E (95 %)"),
      ],
      cross.bySite.map { group in
        let own = group.performance
        return [
          group.site ?? "", "\(own.n)", "\(own.events)", words.limited(own.auc),
          words.withError(own.calibration?.slope, own.calibration?.slopeSE),
          words.observedToExpected(own.calibration),
        ]
      },
      note: words(
        "Method: {1}. Each site is predicted by a model of all others.",
        words.key(cross.method)
      )
    )
    if let difference = cross.againstIncumbent {
      page.table(
        [words("Left-out predictions"), words("Difference (95 %)"), "Z", "p"],
        [RefitSection.row(difference, words)]
      )
    }
    page.list(
      cross.notComputed.sorted { $0.key < $1.key }.map {
        words("Not computed, {1}: {2}.", $0.key, words.translated($0.value))
      }
    )
  }
}
