// SPDX-License-Identifier: Apache-2.0

/// Missing values by site and by outcome.
struct MissingnessSection: ReportSection {
  let id = "missingness"
  let title = "Missing values by site and by outcome"

  func isShown(_ content: ReportContent) -> Bool { !content.validation.missingness.isEmpty }

  func write(to page: inout ReportPage) {
    let words = page.words
    let columns = page.report.missingness
    let outcomes = levels(columns, \.byOutcome)
    page.table(
      [words("Missing"), words("All")] + outcomes.map { words.key($0) },
      columns.map { own in
        [name(own.column, words), share(own.missing, own.n)]
          + outcomes.map { level in cell(own.byOutcome, level) }
      }
    )
    page.table(
      [words("Site")] + columns.map { name($0.column, words) },
      levels(columns, \.bySite).map { site in [site] + columns.map { cell($0.bySite, site) } },
      note: words(
        "Missing of patients, consent withdrawn left out. What is missing at some sites or with one outcome is not missing at random."
      )
    )
    addReasons(&page)
  }

  /// What had become of patients without a predictor: the only reasons that the records give.
  private func addReasons(_ page: inout ReportPage) {
    guard let absence = page.report.landmarkAbsence else { return }
    let words = page.words
    page.table(
      [
        words("Why a predictor may be missing"), words("Missing"),
        words("died by day {1}", "\(absence.landmarkDay)"), words("progressed by then"),
        words("follow-up ended by then"), words("still followed"), words("not known"),
      ],
      absence.columns.map { own in
        [
          words.translated(own.column), "\(own.missing)", "\(own.died)", "\(own.progressed)",
          "\(own.ended)", "\(own.followed)", "\(own.unknown)",
        ]
      },
      note: words(
        "No record says why an examination was not done: of patients who were still followed the reason is not known. Death and progression before it speak of the outcome."
      )
    )
  }

  private func levels(
    _ columns: [ColumnMissingness],
    _ part: (ColumnMissingness) -> [ColumnMissingness.Level]
  ) -> [String] {
    var names: [String] = []
    for level in columns.flatMap(part) where !names.contains(level.level) {
      names.append(level.level)
    }
    return names
  }

  private func name(_ column: String, _ words: ReportWords) -> String {
    column == ColumnMissingness.outcome ? words("outcome") : words.translated(column)
  }

  private func cell(_ levels: [ColumnMissingness.Level], _ level: String) -> String {
    levels.first { $0.level == level }.map { share($0.missing, $0.n) } ?? ReportWords.absent
  }

  private func share(_ missing: Int, _ n: Int) -> String { "\(missing)/\(n)" }
}
