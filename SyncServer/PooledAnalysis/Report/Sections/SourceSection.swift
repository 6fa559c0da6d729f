// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Where the model comes from and what speaks against it.
struct SourceSection: ReportSection {
  let id = "source"
  let title = "Source, limits and contradictions"

  func write(to page: inout ReportPage) {
    let words = page.words
    let card = page.content.release.card
    for text in [card.source, card.development, card.provenance] {
      page.paragraph(words.translated(text))
    }
    page.list(card.limitations.map(words.translated))
    guard !card.contradictions.isEmpty else { return }
    page.paragraph(words("Where the source contradicts itself:"))
    page.list(card.contradictions.map(words.translated))
  }
}
