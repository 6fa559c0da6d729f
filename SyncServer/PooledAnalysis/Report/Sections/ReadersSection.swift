// SPDX-License-Identifier: Apache-2.0

/// How far the score depends on who reads the images.
struct ReadersSection: ReportSection {
  let id = "readers"
  let title = "What readers' disagreement does to the score"

  func write(to page: inout ReportPage) {
    let words = page.words
    guard let effect = page.report.readerEffect else {
      page.paragraph(words("No patient has two blinded readings of all predictors."))
      return
    }
    page.table(
      [
        words("Readers"), "n", words("Difference of the linear predictor (limits of agreement)"),
        words("Mean difference of the risk"), words("In another risk group"),
      ],
      effect.pairs.map { own in
        [
          "\(own.first) − \(own.second)", "\(own.n)",
          "\(words.number(own.bias)) (\(words.range(own.low, own.high)))",
          words.number(own.meanRiskDifference), count(own.otherGroup, own.n, words),
        ]
      }
    )
    page.table(
      [
        words("Reader against the settled value"), "n", words("Mean difference of the risk"),
        words("In another risk group"), words("Analysed"), words("AUC of the reader"),
        words("AUC of the settled values"),
      ],
      effect.readers.map { own in
        [
          own.reader, "\(own.settled)", words.number(own.meanRiskDifference),
          count(own.otherGroup, own.settled, words), "\(own.analysed)", words.number(own.auc),
          words.number(own.settledAUC),
        ]
      },
      note: words(
        "{1} patients with at least two blinded readings that give a risk.",
        "\(effect.patients)"
      )
    )
  }

  private func count(_ part: Int, _ n: Int, _ words: ReportWords) -> String {
    n == 0 ? "0" : "\(part) (\(words.percent(Double(part) / Double(n))))"
  }
}
