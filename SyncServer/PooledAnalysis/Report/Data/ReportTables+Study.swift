// SPDX-License-Identifier: Apache-2.0

/// Tables of survival, of the publication, of the checklists and of where all comes from.
extension ReportTables {
  static func survival(_ survival: LandmarkSurvival?) -> [ReportTable] {
    guard let survival else { return [] }
    var curve = ReportTable(
      "figure_survival",
      ["risk_group", "days_from_landmark", "at_risk", "survival"]
    )
    var groups = ReportTable(
      "survival_groups",
      [
        "risk_group", "landmark_day", "n", "events", "median", "median_low", "median_high",
        "competing",
      ]
    )
    for own in survival.groups {
      groups.add([
        own.riskGroup, survival.landmarkDay, own.n, own.events, own.median, own.medianLow,
        own.medianHigh, own.competing,
      ])
      for point in own.curve {
        curve.add([own.riskGroup, point.time, point.atRisk, point.survival])
      }
    }
    return [groups, curve]
  }

  static func published(_ published: PublishedComparison?) -> [ReportTable] {
    guard let published else { return [] }
    var figures = ReportTable(
      "published_figures",
      [
        "place", "item", "measure", "printed", "computed", "agreement", "explanation",
        "contradiction",
      ]
    )
    for own in published.rows {
      figures.add([
        own.place, own.item, own.measure, own.printed, own.computed, own.agreement.rawValue,
        own.explanation, own.contradiction,
      ])
    }
    var contradictions = ReportTable("contradictions", ["number", "statement", "evidence"])
    for own in published.contradictions {
      contradictions.add([
        own.number, own.statement, WordTemplate.filled(own.template, own.values),
      ])
    }
    return [figures, contradictions]
  }

  static func checklists(_ content: ReportContent) -> ReportTable {
    var table = ReportTable(
      "checklists",
      ["checklist", "item", "asks", "sections", "status", "missing"]
    )
    for list in Checklist.all {
      for item in list.items {
        let (status, missing) = item.answer(in: content)
        let sections = item.shownSections(in: content).map(\.id).joined(separator: " ")
        let names = missing.map(\.rawValue).joined(separator: " ")
        table.add([list.name, item.item, item.asks, sections, status.rawValue, names])
      }
    }
    return table
  }

  static func provenance(_ content: ReportContent) -> ReportTable {
    var table = ReportTable("provenance", ["name", "value"])
    for row in ProvenanceRows.rows(content) { table.add([row.name, row.value]) }
    return table
  }
}
