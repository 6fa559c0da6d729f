// SPDX-License-Identifier: Apache-2.0
public import RiskModel

/// Writes reports for people.
public enum ReportHTML {
  /// A validation, and a refit where there is one, as one printable page.
  ///
  /// The page holds everything: no script, no font, no picture is fetched. It says what was left
  /// out and why, and repeats the source's contradictions beside its numbers.
  ///
  /// - Parameters:
  ///   - report: The validation.
  ///   - refit: A refit of the same patients.
  ///   - plan: The plan of both.
  ///   - release: The release that was validated.
  ///   - subtitle: Names the data cut or file.
  /// - Returns: An HTML document in UTF-8.
  public static func validation(
    _ report: ValidationReport,
    refit: RefitReport? = nil,
    plan: AnalysisPlan,
    release: ModelRelease,
    subtitle: String
  ) -> String {
    var page = ReportPage(report: report, refit: refit, plan: plan, release: release)
    page.addHeading(subtitle)
    page.addSummary()
    page.addFlow()
    page.addSites()
    page.addPooled()
    page.addFigures()
    page.addSurvival()
    page.addSensitivity()
    page.addModel()
    page.addRefit()
    page.addGate()
    page.addSource()
    return page.document(title: "\(release.name): external validation, \(subtitle)")
  }
}

/// One page as it grows.
struct ReportPage {
  let report: ValidationReport
  let refit: RefitReport?
  let plan: AnalysisPlan
  let release: ModelRelease
  private(set) var body: [String] = []

  init(
    report: ValidationReport,
    refit: RefitReport?,
    plan: AnalysisPlan,
    release: ModelRelease
  ) {
    self.report = report
    self.refit = refit
    self.plan = plan
    self.release = release
  }

  mutating func add(_ html: String) { body.append(html) }

  mutating func heading(_ text: String) { add("<h2>\(Self.escaped(text))</h2>") }

  mutating func paragraph(_ text: String, style: String = "") {
    add("<p\(style.isEmpty ? "" : " class=\"\(style)\"")>\(Self.escaped(text))</p>")
  }

  mutating func list(_ items: [String]) {
    guard !items.isEmpty else { return }
    add("<ul>" + items.map { "<li>\(Self.escaped($0))</li>" }.joined() + "</ul>")
  }

  /// A table; cells of the first column are row headers, the others are numbers.
  mutating func table(
    _ header: [String],
    _ rows: [[String]],
    note: String = "",
    lastIsText: Bool = false
  ) {
    guard !rows.isEmpty else { return }
    let head = header.map { "<th scope=\"col\">\(Self.escaped($0))</th>" }.joined()
    let lines = rows.map { cells in
      let first = "<th scope=\"row\">\(Self.escaped(cells.first ?? ""))</th>"
      let rest = cells.dropFirst().map { "<td>\(Self.escaped($0))</td>" }.joined()
      return "<tr>\(first)\(rest)</tr>"
    }
    let style = lastIsText ? " class=\"worded\"" : ""
    add("<div class=\"wide\"><table\(style)><thead><tr>\(head)</tr></thead><tbody>")
    add(lines.joined(separator: "\n") + "</tbody></table></div>")
    if !note.isEmpty { paragraph(note, style: "note") }
  }

  func document(title: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(Self.escaped(title))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <main>
    \(body.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  static func escaped(_ text: String) -> String { SVGCanvas.escaped(text) }

  private static let style = """

    body { margin: 0; background: #fff; color: #111;
      font: 15px/1.5 Georgia, "Times New Roman", "Noto Serif CJK SC", serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
    h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
    h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; padding-top: .6rem;
      border-top: 1px solid #111; break-after: avoid; }
    p { margin: .5rem 0; max-width: 46rem; }
    .subtitle, .note { color: #555; font-size: .87rem; }
    .use { border: 1.5px solid #111; padding: .7rem 1rem; max-width: none; margin: 1.2rem 0; }
    .use strong { display: block; font-size: 1.05rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: .8rem 0; font-size: .87rem;
      font-variant-numeric: tabular-nums; break-inside: avoid; }
    th, td { padding: .28rem .9rem .28rem 0; text-align: right; vertical-align: top; }
    th:first-child { text-align: left; }
    thead th { border-bottom: 1px solid #111; font-weight: bold; vertical-align: bottom; }
    tbody th { font-weight: normal; }
    .worded td:last-child, .worded th:last-child { text-align: left; padding-left: .6rem; }
    tbody tr { border-bottom: 1px solid #ddd; }
    .key { display: flex; flex-wrap: wrap; gap: .6rem 2.6rem; margin: 1rem 0; }
    .key div { font-size: .87rem; color: #555; }
    .key b { display: block; color: #111; font-size: 1.6rem; line-height: 1.2; }
    .figures { display: grid; grid-template-columns: 1fr 1fr; gap: 1.2rem; }
    .figures figure.full { grid-column: 1 / -1; }
    figure { margin: 0; break-inside: avoid; }
    figcaption { font-size: .87rem; color: #555; }
    svg { max-width: 100%; height: auto; }
    li { margin: .25rem 0; max-width: 46rem; }
    @media (max-width: 640px) { .figures { grid-template-columns: 1fr; } }
    @media print { main { padding: 0; max-width: none; } body { font-size: 10.5pt; }
      @page { size: A4; margin: 18mm 16mm; } }

    """
}
