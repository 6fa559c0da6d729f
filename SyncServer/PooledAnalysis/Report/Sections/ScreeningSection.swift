// SPDX-License-Identifier: Apache-2.0

/// The candidates one by one and by LASSO, beside what was published.
struct ScreeningSection: ReportSection {
  let id = "screening"
  let title = "Candidates one by one, as the published study screened them"

  func isShown(_ content: ReportContent) -> Bool { content.refit?.screening != nil }

  func write(to page: inout ReportPage) {
    guard let screening = page.content.refit?.screening else { return }
    let words = page.words
    page.table(
      [
        words("Candidate"), "n", words("Odds ratio (95 %)"), "p", words("Kept"), words("LASSO"),
        words("As published"),
      ],
      screening.rows.map { row in
        [
          name(row.candidate, words), "\(row.n)",
          row.oddsRatio.map { "\(words.number($0, 2)) (\(words.range(row.low, row.high, 2)))" }
            ?? ReportWords.absent,
          words.p(row.p), row.isKept ? words("yes") : words("no"), lasso(row, words),
          row.published.map(words.translated) ?? "",
        ]
      },
      note: words(
        "For the report alone; nothing screened here enters a candidate. Measured values here, categories in the published table. LASSO on {1} patients with all candidates, {2} folds, seed {3}.",
        "\(screening.complete)",
        "\(screening.folds)",
        "\(screening.seed)"
      ),
      worded: [6]
    )
    page.list(screening.notes.map(words.translated))
  }

  /// A column, with its level for codes.
  private func name(_ candidate: String, _ words: ReportWords) -> String {
    let parts = candidate.split(separator: "=").map(String.init)
    guard parts.count == 2 else { return words.translated(candidate) }
    return words("{1}: {2}", words.translated(parts[0]), words.key(parts[1]))
  }

  private func lasso(_ row: Screening.Row, _ words: ReportWords) -> String {
    guard let isIn = row.isInLasso else { return ReportWords.absent }
    guard isIn else { return words("no") }
    return row.isInSparseLasso == true ? words("yes, sparse too") : words("yes")
  }
}
