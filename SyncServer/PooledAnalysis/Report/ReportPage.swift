// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

/// One language's page as it grows.
struct ReportPage {
  let content: ReportContent
  let words: ReportWords
  private(set) var elements: [String] = []

  init(content: ReportContent, language: ReportLanguage) {
    self.content = content
    words = ReportWords(language, study: content.study?.words[language.rawValue] ?? [:])
  }

  var report: ValidationReport { content.validation }

  mutating func add(_ html: String) { elements.append(html) }

  /// A section under its heading.
  mutating func add(_ section: any ReportSection) {
    add("<section id=\"\(anchor(section))\"><h2>\(Self.escaped(words(section.title)))</h2>")
    section.write(to: &self)
    add("</section>")
  }

  func anchor(_ section: any ReportSection) -> String { "\(words.language.rawValue)-\(section.id)" }

  mutating func subheading(_ text: String) { add("<h3>\(Self.escaped(text))</h3>") }

  mutating func paragraph(_ text: String, style: String = "") {
    guard !text.isEmpty else { return }
    add("<p\(style.isEmpty ? "" : " class=\"\(style)\"")>\(Self.escaped(text))</p>")
  }

  mutating func note(_ text: String) { paragraph(text, style: "note") }

  mutating func list(_ items: [String]) {
    guard !items.isEmpty else { return }
    add("<ul>" + items.map { "<li>\(Self.escaped($0))</li>" }.joined() + "</ul>")
  }

  /// A table; cells of the first column are row headers.
  ///
  /// - Parameters:
  ///   - header: The columns' names, in the language of the page.
  ///   - rows: The cells, in the language of the page.
  ///   - note: Stands below.
  ///   - worded: Columns of text, which are set left and may wrap; the others are numbers.
  mutating func table(
    _ header: [String],
    _ rows: [[String]],
    note: String = "",
    worded: Set<Int> = []
  ) {
    guard !rows.isEmpty else { return }
    func style(_ column: Int) -> String { worded.contains(column) ? " class=\"t\"" : "" }
    let head = header.enumerated().map {
      "<th scope=\"col\"\(style($0))>\(Self.escaped($1))</th>"
    }
    let lines = rows.map { cells in
      let first = "<th scope=\"row\"\(style(0))>\(Self.escaped(cells.first ?? ""))</th>"
      let rest = cells.enumerated().dropFirst().map {
        "<td\(style($0))>\(worded.contains($0) ? Self.escaped($1) : Self.numbers($1))</td>"
      }
      return "<tr>\(first)\(rest.joined())</tr>"
    }
    let kind = rows.count > 12 ? " class=\"long\"" : ""
    add("<div class=\"wide\"><table\(kind)><thead><tr>\(head.joined())</tr></thead><tbody>")
    add(lines.joined(separator: "\n") + "</tbody></table></div>")
    self.note(note)
  }

  /// An estimate and its limits, which may part but do not break.
  private static func numbers(_ text: String) -> String {
    guard let open = text.range(of: " ("), text.hasSuffix(")") else {
      return text.count > 22 ? escaped(text) : "<span class=\"n\">\(escaped(text))</span>"
    }
    let limits = text[text.index(after: open.lowerBound)...]
    return "\(escaped(String(text[..<open.lowerBound]))) <span class=\"n\">"
      + "\(escaped(String(limits)))</span>"
  }

  /// A drawing with its caption; wide ones take a line of their own and scroll on a phone.
  mutating func figure(_ svg: String, _ caption: String, isWide: Bool = false) {
    add(
      "<figure\(isWide ? " class=\"full\"" : "")><div class=\"drawing\">\(svg)</div>"
        + "<figcaption>\(Self.escaped(caption))</figcaption></figure>"
    )
  }

  /// Drawings beside each other where there is room.
  mutating func figures(_ drawings: [(svg: String, caption: String)]) {
    add("<div class=\"figures\">")
    for drawing in drawings { figure(drawing.svg, drawing.caption) }
    add("</div>")
  }

  static func escaped(_ text: String) -> String { SVGCanvas.escaped(text) }

  /// Whom the top level of the report describes.
  var populationName: String {
    switch report.population {
    case "external": words("external patients")
    case "left_out": words("patients each predicted by a model of the other sites")
    default: words("the development cohort (apparent performance)")
    }
  }
}
