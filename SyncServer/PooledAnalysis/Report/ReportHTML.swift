// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Writes reports for people.
public enum ReportHTML {
  /// A validation, and a refit where there is one, as one printable page in two languages.
  ///
  /// The page holds everything: no script, no font, no picture is fetched. Two buttons at its top
  /// choose the language, by style alone; what is shown is what is printed. It says what was left
  /// out and why, and repeats the source's contradictions beside its numbers.
  ///
  /// - Parameters:
  ///   - content: What the report is made of.
  ///   - first: The language that is shown when the page opens.
  /// - Returns: An HTML document in UTF-8.
  public static func page(_ content: ReportContent, first: ReportLanguage = .english) -> String {
    let switches = ReportLanguage.allCases.map { language in
      let name = language.rawValue
      let state = language == first ? " checked" : ""
      return "<input type=\"radio\" name=\"language\" id=\"show-\(name)\"\(state)>"
        + "<label for=\"show-\(name)\" lang=\"\(language.tag)\">\(language.ownName)</label>"
    }
    let bodies = ReportLanguage.allCases.map { language in
      "<main class=\"\(language.rawValue)\" lang=\"\(language.tag)\">\n"
        + body(content, language).joined(separator: "\n") + "\n</main>"
    }
    let words = ReportWords(first, study: content.study?.words[first.rawValue] ?? [:])
    let title = words(
      "{1}: external validation, {2}",
      words.translated(content.release.name),
      words.translated(content.subtitle)
    )
    return """
      <!DOCTYPE html>
      <html lang="\(first.tag)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(ReportPage.escaped(title))</title>
      <style>\(ReportStyle.sheet)</style>
      </head>
      <body>
      \(switches.joined(separator: "\n"))
      \(bodies.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  /// The page's elements in one language.
  static func body(_ content: ReportContent, _ language: ReportLanguage) -> [String] {
    var page = ReportPage(content: content, language: language)
    page.addOpening()
    page.addContents()
    for section in ReportSections.all where section.isShown(content) { page.add(section) }
    return page.elements
  }
}
