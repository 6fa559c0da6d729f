// SPDX-License-Identifier: Apache-2.0

/// The published study's figures beside the computed ones, and its contradictions.
struct PublishedSection: ReportSection {
  let id = "published"
  let title = "The published figures beside those computed here"

  func isShown(_ content: ReportContent) -> Bool { content.published != nil }

  func write(to page: inout ReportPage) {
    guard let published = page.content.published else { return }
    let words = page.words
    page.paragraph(words.translated(published.source))
    page.paragraph(
      words(
        "Computed from the {1} patients of the development cohort, {2} with the outcome. Of {3} printed figures {4} agree to the last printed digit, {5} differ but follow from another rule that is named, {6} differ, and {7} cannot be computed from these data.",
        "\(published.n)",
        "\(published.events)",
        "\(published.rows.count)",
        "\(published.count(.agrees))",
        "\(published.count(.explained))",
        "\(published.count(.differs))",
        "\(published.count(.notComputable))"
      )
    )
    for place in places(published) {
      page.subheading(words.translated(place))
      page.table(
        [
          words("Of"), words("Figure"), words("Printed"), words("Computed"), words("Result"),
        ],
        published.rows.filter { $0.place == place }.map { row($0, words) },
        worded: [1, 4]
      )
    }
    addContradictions(published, &page)
  }

  private func places(_ published: PublishedComparison) -> [String] {
    var places: [String] = []
    for row in published.rows where !places.contains(row.place) { places.append(row.place) }
    return places
  }

  private func row(_ own: PublishedComparison.Row, _ words: ReportWords) -> [String] {
    var result =
      switch own.agreement {
      case .agrees: "✓ " + words("agrees")
      case .explained:
        "≈ " + words("differs: {1}", words.translated(own.explanation ?? ""))
      case .differs: "✗ " + words("differs")
      case .notComputable: words("not computable from these data")
      }
    if let number = own.contradiction {
      result = words("{1}; contradiction {2}", result, "\(number)")
    }
    return [
      words.translated(own.item), words.translated(own.measure), own.printed,
      // One digit more than printed shows how near a miss was.
      words.number(own.computed, own.digits + (own.agreement == .agrees ? 0 : 1)), result,
    ]
  }

  private func addContradictions(
    _ published: PublishedComparison,
    _ page: inout ReportPage
  ) {
    let words = page.words
    page.subheading(words("Where the publication contradicts itself, and the evidence"))
    page.table(
      [words("No."), words("What it says"), words("Evidence")],
      published.contradictions.map { own in
        let template = words.translated(own.template)
        return [
          "\(own.number)", words.translated(own.statement),
          WordTemplate.filled(template, own.values),
        ]
      },
      worded: [1, 2]
    )
  }
}
