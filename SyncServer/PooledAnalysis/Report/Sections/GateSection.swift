// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a candidate must show before it can replace the release.
struct GateSection: ReportSection {
  let id = "gate"
  let title = "Gate"

  func write(to page: inout ReportPage) {
    let words = page.words
    page.paragraph(
      words("Written in the plan before the data were seen. What was not computed is not passed.")
    )
    let results = page.content.refit?.gate ?? page.report.gate
    guard !results.isEmpty else {
      page.paragraph(
        words("No gate was asked: the plan has none, or there is nothing to replace.")
      )
      return
    }
    page.paragraph(
      results.allSatisfy(\.pass)
        ? words("Passed: the candidate may be signed.")
        : words(
          "Not passed: the current release stays. A candidate that fails is signed only with a stated reason of both signers, which marks its card."
        )
    )
    page.table(
      [words("Criterion"), words("Limit"), words("Value"), words("Result")],
      results.map { own in
        let result = own.pass ? words("met") : words("not met")
        return [
          words.translated(own.label), limit(own.limit, words),
          own.value.map { words.number($0, $0 == $0.rounded() ? 0 : 4) } ?? ReportWords.absent,
          own.note.map { words("{1}; {2}", result, words.translated($0)) } ?? result,
        ]
      },
      note: words(
        "Every figure is of sites that had no part in the model that predicts them; the choice of the update is repeated without each site. Development patients are not counted."
      ),
      worded: [0, 3]
    )
  }

  /// A range is two numbers and a word; other limits are sentences.
  private func limit(_ text: String, _ words: ReportWords) -> String {
    let ends = text.components(separatedBy: " to ")
    return ends.count == 2 ? words("{1} to {2}", ends[0], ends[1]) : words.translated(text)
  }
}
