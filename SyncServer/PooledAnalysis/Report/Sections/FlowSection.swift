// SPDX-License-Identifier: Apache-2.0

/// Who was analysed, who was not, and why.
struct FlowSection: ReportSection {
  let id = "flow"
  let title = "Who was analysed, and who was not"

  func write(to page: inout ReportPage) {
    let flow = page.report.flow
    let words = page.words
    page.add("<div class=\"figures\">")
    page.figure(
      FlowFigure(flow: flow, words: words).svg(),
      words("Flow of patients; merged registrations count once.")
    )
    page.add("<div>")
    page.table(["", "n", ""], rows(flow, words), worded: [2])
    page.add("</div></div>")
    addConflicts(&page)
    guard let cases = page.report.competingCases else { return }
    page.paragraph(
      words(
        "With the {1} competing deaths counted as events the AUC is {2} and O:E {3}; counted as no events, {4} and {5}.",
        "\(cases.count)",
        words.number(cases.asEvents.auc?.estimate),
        words.number(cases.asEvents.calibration?.oe, 2),
        words.number(cases.asNonEvents.auc?.estimate),
        words.number(cases.asNonEvents.calibration?.oe, 2)
      )
    )
  }

  /// The patients with values in conflict, site by site and in all.
  private func addConflicts(_ page: inout ReportPage) {
    let words = page.words
    guard let sites = page.report.conflicts else {
      // An old cut must not look as if nothing had been in conflict; a file has no history at all.
      if page.content.provenance.cut != nil {
        page.note(words("Which values were ever in conflict is not known of these rows."))
      }
      return
    }
    func cells(_ name: String, _ own: [SiteConflicts]) -> [String] {
      [
        name, "\(own.reduce(0) { $0 + $1.patients })", "\(own.reduce(0) { $0 + $1.unresolved })",
        "\(own.reduce(0) { $0 + $1.everInConflict })", "\(own.reduce(0) { $0 + $1.values })",
      ]
    }
    page.table(
      [
        words("Site"), words("Patients"), words("Unresolved conflict"),
        words("Ever in conflict"), words("Values ever in conflict"),
      ],
      sites.map { cells($0.site, [$0]) } + [cells(words("All"), sites)],
      note: words(
        "Patients who have not withdrawn. A value was ever in conflict when two devices of the hospital wrote different values without having seen each other's, also where a person has resolved it since."
      )
    )
  }

  private func rows(_ flow: EligibilityFlow, _ words: ReportWords) -> [[String]] {
    var rows = [
      [words("Patients"), "\(flow.patients)", ""],
      [words("− consent withdrawn"), "\(flow.withdrawn)", words("left out of everything")],
      [
        words("− competing death"), "\(flow.competing)",
        words("shown below as worst and best case"),
      ],
      [
        words("− outcome not known"), "\(flow.missingOutcome)",
        words("never counted as no event"),
      ],
      [
        words("− predictor not known"), "\(flow.missingPredictor)", missingNames(flow, words),
      ],
      [words("= analysed"), "\(flow.complete)", ""],
      [
        words("of these in the development cohort"), "\(flow.completeDevelopment)",
        words("shown apart"),
      ],
      [
        words("of these with an unresolved conflict"), "\(flow.completeWithConflict)",
        flow.completeWithConflict == 0 ? "" : words("the provisional value was used"),
      ],
    ]
    if let ever = flow.completeEverInConflict {
      let label = words("of these with a value ever in conflict")
      rows.append([label, "\(ever)", ever == 0 ? "" : words("also where it was resolved since")])
    }
    if flow.refusedRows > 0 {
      let refused = words("Rows refused on reading")
      rows.insert([refused, "\(flow.refusedRows)", words("not among the patients")], at: 0)
    }
    if flow.implausible > 0 {
      let impossible = words("Patients with an impossible value")
      rows.append([impossible, "\(flow.implausible)", words("the value was left out")])
    }
    return rows
  }

  private func missingNames(_ flow: EligibilityFlow, _ words: ReportWords) -> String {
    let names = flow.missingByPredictor.sorted { $0.key < $1.key }
    return words.joined(names.map { "\(words.translated($0.key)) \($0.value)" })
  }
}
