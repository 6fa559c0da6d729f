// SPDX-License-Identifier: Apache-2.0

/// The few numbers that a reader looks for first.
struct SummarySection: ReportSection {
  let id = "summary"
  let title = "Summary"

  func write(to page: inout ReportPage) {
    let words = page.words
    let own = page.report.summary.performance
    let limits = words.range(own.auc?.low, own.auc?.high)
    let key = [
      ("\(own.n)", words("patients analysed, {1} with the outcome", "\(own.events)")),
      (words.number(own.auc?.estimate), words("AUC, 95 % interval {1}", limits)),
      (words.number(own.calibration?.slope, 2), words("calibration slope, ideal 1")),
      (words.number(own.calibration?.oe, 2), words("observed over expected, ideal 1")),
      (words.number(own.brier), words("Brier score")),
    ]
    page.note(words("The large numbers describe {1}, pooled as rows.", page.populationName))
    let boxes = key.map {
      "<div><b>\(ReportPage.escaped($0.0))</b>\(ReportPage.escaped($0.1))</div>"
    }
    page.add("<div class=\"key\">\(boxes.joined())</div>")
    page.list(own.notes.map(words.translated))
    if let gate = gateLine(page) { page.paragraph(gate) }
  }

  private func gateLine(_ page: ReportPage) -> String? {
    let results = page.content.refit?.gate ?? page.report.gate
    guard !results.isEmpty else { return nil }
    let failed = results.filter { !$0.pass }.count
    return failed == 0
      ? page.words(
        "The gate is passed: every one of its {1} conditions is met.",
        "\(results.count)"
      )
      : page.words(
        "The gate is not passed: {1} of {2} conditions are not met; the current release stays.",
        "\(failed)",
        "\(results.count)"
      )
  }
}
