// SPDX-License-Identifier: Apache-2.0

/// Each site by itself, and the forest plots.
struct SitesSection: ReportSection {
  let id = "sites"
  let title = "By site"

  func write(to page: inout ReportPage) {
    let words = page.words
    let table = GroupTable(words: words)
    let report = page.report
    page.table(
      table.header(words("Site")),
      report.bySite.map { table.row($0, label: $0.site ?? "") },
      note: words(
        "Development patients are apparent performance and enter no external estimate. A dash: fewer than {1} events or non-events, or not computable; such sites enter the pooled estimates only.",
        "\(page.content.plan.minimumEventsPerSite)"
      )
    )
    addForest(&page)
  }

  private func addForest(_ page: inout ReportPage) {
    let words = page.words
    let groups = page.report.bySite.filter { !$0.development && !$0.isSmall }
    guard !groups.isEmpty else { return }
    let figures = forests(groups, page.report.pooled, words)
    page.figures(
      figures.flatMap { figure in
        let drawings = figure.drawings()
        return drawings.enumerated().map { index, svg in
          (svg, caption(figure.title, index, drawings.count, words))
        }
      }
    )
    page.note(
      words(
        "Filled square: the site, with 95 % limits; an arrow: the limit lies beyond the scale. Filled diamond: random-effects mean; grey bar: 95 % interval for a new site. Sites with too few events or non-events are not drawn: {1}.",
        "\(page.report.bySite.count { !$0.development && $0.isSmall })"
      )
    )
  }

  private func forests(
    _ groups: [GroupPerformance],
    _ pooled: PooledPerformance,
    _ words: ReportWords
  ) -> [ForestFigure] {
    [
      ForestFigure(
        title: words("AUC"),
        lines: lines(groups) { ($0.auc?.estimate, $0.auc?.low, $0.auc?.high) },
        pooled: pooled.auc,
        reference: 0.5,
        isLogarithmic: false,
        words: words
      ),
      ForestFigure(
        title: words("Calibration slope"),
        lines: lines(groups) { own in
          let (slope, se) = (own.calibration?.slope, own.calibration?.slopeSE ?? 0)
          return (slope, slope.map { $0 - 1.96 * se }, slope.map { $0 + 1.96 * se })
        },
        pooled: pooled.slope,
        reference: 1,
        isLogarithmic: false,
        words: words
      ),
      ForestFigure(
        title: words("O:E"),
        lines: lines(groups) {
          ($0.calibration?.oe, $0.calibration?.oeLow, $0.calibration?.oeHigh)
        },
        pooled: pooled.oe,
        reference: 1,
        isLogarithmic: true,
        words: words
      ),
    ]
  }

  private func caption(_ title: String, _ index: Int, _ count: Int, _ words: ReportWords) -> String
  {
    count == 1
      ? words("{1} by external site.", title)
      : words("{1} by external site, part {2} of {3}.", title, "\(index + 1)", "\(count)")
  }

  private func lines(
    _ groups: [GroupPerformance],
    _ values: (Performance) -> (Double?, Double?, Double?)
  ) -> [ForestFigure.Line] {
    groups.compactMap { group in
      guard case (let value?, let low?, let high?) = values(group.performance) else { return nil }
      return ForestFigure.Line(
        name: group.site ?? "",
        counts: "\(group.performance.events)/\(group.performance.n)",
        value: value,
        low: low,
        high: high
      )
    }
  }
}
