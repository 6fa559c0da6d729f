// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// What stands above the sections.
extension ReportPage {
  /// The model, what its probability is of, and the statement on use.
  mutating func addOpening() {
    let release = content.release
    add("<h1>\(Self.escaped(words.translated(release.name)))</h1>")
    let line = words(
      "Validation of {1} version {2} · {3} · plan {4}",
      report.model,
      "\(report.version)",
      words.translated(content.subtitle),
      report.plan
    )
    paragraph(line, style: "subtitle")
    add(
      "<p class=\"use\"><strong>\(Self.escaped(words.translated(release.statement)))</strong> "
        + "\(Self.escaped(words.translated(release.outcome.statement))) "
        + "\(Self.escaped(words.translated(release.outcome.caution)))</p>"
    )
  }

  /// The sections, as links within the page.
  mutating func addContents() {
    let links = ReportSections.all.filter { $0.isShown(content) }.map { section in
      "<li><a href=\"#\(anchor(section))\">\(Self.escaped(words(section.title)))</a></li>"
    }
    add("<nav><ul>\(links.joined())</ul></nav>")
  }
}
