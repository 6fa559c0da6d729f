// SPDX-License-Identifier: Apache-2.0

/// TRIPOD+AI, TRIPOD-Cluster and PROBAST+AI, each item with where it stands.
struct ChecklistSection: ReportSection {
  let id = "checklists"
  let title = "Checklists"

  func write(to page: inout ReportPage) {
    let words = page.words
    page.paragraph(
      words(
        "Filled from what this report holds. Each item is given in short and in our words; the published checklists have the full wording."
      )
    )
    for list in Checklist.all {
      page.subheading(list.name)
      let counts = Dictionary(grouping: list.items) { $0.answer(in: page.content).status }
        .mapValues(\.count)
      page.note(words.translated(list.source))
      page.note(words.translated(list.note))
      page.paragraph(
        words(
          "{1} items: {2} in this report, {3} in part, {4} missing, {5} for the authors to write.",
          "\(list.items.count)",
          "\(counts[.reported] ?? 0)",
          "\(counts[.partial] ?? 0)",
          "\(counts[.missing] ?? 0)",
          "\(counts[.authors] ?? 0)"
        )
      )
      page.table(
        [words("Item"), words("Asks for"), words("Where"), words("Status")],
        list.items.map { row($0, page) },
        worded: [1, 2, 3]
      )
    }
  }

  private func row(_ item: Checklist.Item, _ page: ReportPage) -> [String] {
    let words = page.words
    let (status, missing) = item.answer(in: page.content)
    let sections = item.shownSections(in: page.content).map { words($0.title) }
    let names = words.joined(missing.map { words.translated($0.name) })
    let text =
      switch status {
      case .reported: words("in this report")
      case .partial: words("in part; missing: {1}", names)
      case .missing: words("missing: {1}", names)
      case .authors:
        missing.isEmpty
          ? words("for the authors to write")
          : words("for the authors to write; missing: {1}", names)
      }
    return [
      words.translated(item.item), words.translated(item.asks),
      sections.isEmpty ? ReportWords.absent : words.joined(sections), text,
    ]
  }
}
