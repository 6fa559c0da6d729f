// SPDX-License-Identifier: Apache-2.0

/// External patients by the codes of the plan's grouping columns.
struct SubgroupSection: ReportSection {
  let id = "subgroups"
  let title = "Subgroups"

  func isShown(_ content: ReportContent) -> Bool { !content.validation.byGroup.isEmpty }

  func write(to page: inout ReportPage) {
    let words = page.words
    let table = GroupTable(words: words)
    page.table(
      table.header(words("Group (external patients)")),
      page.report.byGroup.map { group in
        let column = words.translated(group.column ?? "")
        return table.row(group, label: words("{1}: {2}", column, words.key(group.level ?? "")))
      },
      note: words(
        "Groups overlap with sites and with each other; differences between them are described, not tested."
      )
    )
  }
}
