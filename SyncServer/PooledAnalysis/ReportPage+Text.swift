// SPDX-License-Identifier: Apache-2.0
import RiskModel

extension ReportPage {
  /// A dash for what was not computed.
  static let absent = "–"

  static func number(_ value: Double?, _ digits: Int = 3) -> String {
    value.map { signed(SVGCanvas.fixed($0, digits)) } ?? absent
  }

  /// A minus sign for the hyphen.
  private static func signed(_ text: String) -> String { text.replacing("-", with: "−") }

  /// A term as people write it.
  static func term(_ name: String) -> String { name.replacing(">=", with: " ≥ ") }

  static func range(_ low: Double?, _ high: Double?, _ digits: Int = 3) -> String {
    guard low != nil || high != nil else { return absent }
    func end(_ value: Double?) -> String {
      value.map { signed(SVGCanvas.fixed($0, digits)) } ?? "∞"
    }
    return "\(end(low)) to \(end(high))"
  }

  static func limited(_ value: LimitedEstimate?, _ digits: Int = 3) -> String {
    guard let value else { return absent }
    guard value.low != nil else { return number(value.estimate, digits) }
    return "\(number(value.estimate, digits)) (\(range(value.low, value.high, digits)))"
  }

  /// An estimate with normal 95 % limits.
  static func withError(_ value: Double?, _ se: Double?, _ digits: Int = 2) -> String {
    guard let value, let se else { return number(value, digits) }
    let margin = 1.959963984540054 * se
    return "\(number(value, digits)) (\(range(value - margin, value + margin, digits)))"
  }

  static func p(_ value: Double) -> String {
    value < 0.0001 ? "< 0.0001" : SVGCanvas.fixed(value, 4)
  }

  static func percent(_ value: Double?, _ limits: Limits?) -> String {
    guard let value else { return absent }
    let text = SVGCanvas.fixed(100 * value, 1)
    guard let limits else { return "\(text) %" }
    return "\(text) % (\(range(100 * limits.low, 100 * limits.high, 1)))"
  }

  static func observedToExpected(_ calibration: CalibrationSummary?) -> String {
    limited(
      calibration?.oe.map {
        LimitedEstimate(
          estimate: $0,
          se: nil,
          low: calibration?.oeLow,
          high: calibration?.oeHigh
        )
      },
      2
    )
  }

  /// Whom the top level of the report describes.
  var populationName: String {
    switch report.population {
    case "external": "external patients"
    case "left_out": "patients each predicted by a model of the other sites"
    default: "the development cohort (apparent performance)"
    }
  }
}

extension ReportPage {
  mutating func addHeading(_ subtitle: String) {
    add("<h1>\(Self.escaped(release.name))</h1>")
    paragraph(
      "Validation of \(report.model) version \(report.version) · \(subtitle) · "
        + "plan \(report.plan)",
      style: "subtitle"
    )
    add(
      "<p class=\"use\"><strong>\(Self.escaped(release.statement))</strong> "
        + "\(Self.escaped(release.outcome.statement)) \(Self.escaped(release.outcome.caution))</p>"
    )
  }

  mutating func addSummary() {
    let performance = report.summary.performance
    let key = [
      ("\(performance.n)", "patients analysed, \(performance.events) with the outcome"),
      (Self.number(performance.auc?.estimate), "AUC, \(aucLimits(performance))"),
      (Self.number(performance.calibration?.slope, 2), "calibration slope, ideal 1"),
      (Self.number(performance.calibration?.oe, 2), "observed over expected, ideal 1"),
      (Self.number(performance.brier), "Brier score"),
    ]
    paragraph("The large numbers describe \(populationName), pooled as rows.", style: "note")
    add(
      "<div class=\"key\">"
        + key.map { "<div><b>\(Self.escaped($0.0))</b>\(Self.escaped($0.1))</div>" }.joined()
        + "</div>"
    )
    list(performance.notes)
  }

  private func aucLimits(_ performance: Performance) -> String {
    "95 % interval \(Self.range(performance.auc?.low, performance.auc?.high))"
  }

  mutating func addFlow() {
    let flow = report.flow
    heading("Who was analysed, and who was not")
    var rows = [
      ["Patients", "\(flow.patients)", "merged registrations count once"],
      ["− consent withdrawn", "\(flow.withdrawn)", "left out of everything"],
      ["− competing death", "\(flow.competing)", "shown below as worst and best case"],
      ["− outcome not known", "\(flow.missingOutcome)", "never counted as no event"],
      ["− predictor not known", "\(flow.missingPredictor)", missingNames(flow)],
      ["= analysed", "\(flow.complete)", ""],
      ["of these in the development cohort", "\(flow.completeDevelopment)", "shown apart"],
      ["of these with an unresolved conflict", "\(flow.completeWithConflict)", conflictNote(flow)],
    ]
    if flow.refusedRows > 0 {
      rows.insert(
        ["Rows refused on reading", "\(flow.refusedRows)", "not among the patients"],
        at: 0
      )
    }
    if flow.implausible > 0 {
      rows.append(
        ["Patients with an impossible value", "\(flow.implausible)", "the value was left out"])
    }
    table(["", "n", ""], rows, lastIsText: true)
    if let cases = report.competingCases {
      paragraph(
        "With the \(cases.count) competing deaths counted as events the AUC is "
          + "\(Self.number(cases.asEvents.auc?.estimate)) and O:E "
          + "\(Self.number(cases.asEvents.calibration?.oe, 2)); counted as no events, "
          + "\(Self.number(cases.asNonEvents.auc?.estimate)) and "
          + "\(Self.number(cases.asNonEvents.calibration?.oe, 2))."
      )
    }
  }

  private func missingNames(_ flow: EligibilityFlow) -> String {
    let names = flow.missingByPredictor.sorted { $0.key < $1.key }
    return names.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private func conflictNote(_ flow: EligibilityFlow) -> String {
    flow.completeWithConflict == 0 ? "" : "the provisional value was used"
  }

  mutating func addSites() {
    heading("By site")
    table(
      [
        "Site", "n", "Events", "AUC (95 %)", "Slope (95 %)", "In the large (95 %)", "O:E (95 %)",
        "Brier",
      ],
      report.bySite.map { performanceRow($0, label: $0.site ?? "") },
      note: "Development patients are apparent performance and enter no external estimate. A dash: "
        + "fewer than \(plan.minimumEventsPerSite) events or non-events, or not computable; such "
        + "sites enter the pooled estimates only."
    )
    guard !report.byGroup.isEmpty else { return }
    table(
      [
        "Group (external)", "n", "Events", "AUC (95 %)", "Slope (95 %)", "In the large (95 %)",
        "O:E (95 %)", "Brier",
      ],
      report.byGroup.map { performanceRow($0, label: "\($0.column ?? ""): \($0.level ?? "")") }
    )
  }

  private func performanceRow(_ group: GroupPerformance, label: String) -> [String] {
    let own = group.performance
    let calibration = own.calibration
    return [
      label + (group.development ? " (development)" : ""), "\(own.n)", "\(own.events)",
      Self.limited(own.auc), Self.withError(calibration?.slope, calibration?.slopeSE),
      Self.withError(calibration?.intercept, calibration?.interceptSE),
      Self.observedToExpected(calibration), Self.number(own.brier),
    ]
  }

  mutating func addPooled() {
    heading("Pooled over external sites")
    let pooled = report.pooled
    let parts = [
      ("AUC", pooled.auc, 3), ("Calibration slope", pooled.slope, 2), ("O:E", pooled.oe, 2),
      ("Calibration-in-the-large", pooled.citl, 2),
    ]
    let rows = parts.compactMap { name, value, digits in
      value.map {
        [
          name, "\($0.sites)", Self.number($0.estimate, digits),
          Self.range($0.low, $0.high, digits),
          Self.range($0.predictionLow, $0.predictionHigh, digits), Self.number($0.tau),
          "\(SVGCanvas.fixed(100 * $0.i2, 0)) %",
        ]
      }
    }
    guard !rows.isEmpty else {
      paragraph("Fewer than two external sites: nothing to pool.")
      return
    }
    table(
      ["", "Sites", "Mean", "95 % interval", "95 % interval for a new site", "τ", "I²"],
      rows,
      note: "Random effects: restricted maximum likelihood, Hartung–Knapp; AUC pooled as its "
        + "logit, O:E as its logarithm; prediction interval with k − 2 degrees of freedom."
    )
    list(pooled.cautions)
  }
}
