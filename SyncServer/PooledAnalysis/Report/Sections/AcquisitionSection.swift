// SPDX-License-Identifier: Apache-2.0

/// How images were acquired at each site.
struct AcquisitionSection: ReportSection {
  let id = "acquisition"
  let title = "Acquisition by site"

  func write(to page: inout ReportPage) {
    let words = page.words
    let columns = page.report.acquisition
    guard !columns.isEmpty else {
      let names = words.joined(page.content.plan.acquisition.map(words.translated))
      page.paragraph(
        names.isEmpty
          ? words("The plan names no column of acquisition.")
          : words("No patient has a value of: {1}.", names)
      )
      return
    }
    for column in columns {
      page.table(
        [
          words("Site"), words.translated(column.column), "n", words("Missing"),
          words("Median (quartiles)"),
        ],
        column.sites.map { row($0, words) },
        worded: [1]
      )
    }
    page.note(
      words(
        "Sites that differ here may differ in what they measure; the release knows nothing of it."
      )
    )
  }

  private func row(_ own: ColumnBySite.Site, _ words: ReportWords) -> [String] {
    let counts = own.counts.sorted { (Double($0.key) ?? 0, $0.key) < (Double($1.key) ?? 0, $1.key) }
      .map { words("{1}: {2}", words.key($0.key), "\($0.value)") }
    return [
      own.site, counts.isEmpty ? ReportWords.absent : words.joined(counts), "\(own.n)",
      "\(own.missing)",
      own.median.map {
        "\(words.number($0, 1)) (\(words.range(own.low, own.high, 1)))"
      } ?? ReportWords.absent,
    ]
  }
}
