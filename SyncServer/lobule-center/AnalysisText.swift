// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import PooledAnalysis

/// Figures of an analysis as tables for people.
enum AnalysisText {
  /// A validation: overall, by site, and the gate.
  static func validation(_ report: ValidationReport) -> String {
    var table = TextTable(["patients", "n", "events", "AUC", "slope", "O:E", "Brier"])
    if let external = report.external { table.add(cells("external", external)) }
    if let development = report.development {
      table.add(cells("development (apparent)", development))
    }
    for group in report.bySite {
      let name = (group.site ?? "") + (group.development ? " (apparent)" : "")
      table.add(cells(name, group.performance))
    }
    return "\(report.model) version \(report.version). \(report.outcome)\n\(table.text)"
      + pooled(report.pooled)
      + gate(report.gate) + "\(report.statement)\n"
  }

  /// Estimates pooled over sites; nothing where there are none.
  private static func pooled(_ report: PooledPerformance) -> String {
    let quantities = [
      ("AUC", report.auc), ("slope", report.slope), ("in the large", report.citl),
      ("O:E", report.oe),
    ]
    guard quantities.contains(where: { $0.1 != nil }) else { return "" }
    var table = TextTable(["pooled over sites", "sites", "mean", "95 % CI", "new site", "I²"])
    for case (let name, let own?) in quantities {
      table.add([
        name, String(own.sites), number(own.estimate), "\(number(own.low)) to \(number(own.high))",
        "\(number(own.predictionLow)) to \(number(own.predictionHigh))", number(own.i2),
      ])
    }
    return table.text
  }

  /// The models of a refit.
  static func models(_ report: RefitReport) -> String {
    var table = TextTable(["model", "n", "events", "AUC", "slope", "O:E", "Brier"])
    for (name, model) in report.models.sorted(by: { $0.key < $1.key }) {
      table.add(cells(name, model.performance))
    }
    return table.text
  }

  /// The gate's criteria.
  static func gate(_ results: [GateResult]) -> String {
    var table = TextTable(["gate", "value", "limit", "result"])
    for result in results {
      table.add([
        result.label, number(result.value), result.limit, result.pass ? "met" : "not met",
      ])
    }
    return table.text
  }

  private static func cells(_ name: String, _ performance: Performance) -> [String] {
    [
      name, String(performance.n), String(performance.events),
      number(performance.auc?.estimate), number(performance.calibration?.slope),
      number(performance.calibration?.oe), number(performance.brier),
    ]
  }

  /// Three decimals; a dash for what was not computed.
  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite, abs(value) < 1e9 else { return "–" }
    let thousandths = Int((abs(value) * 1000).rounded())
    let digits = String(thousandths % 1000)
    let sign = value < 0 && thousandths > 0 ? "-" : ""
    return "\(sign)\(thousandths / 1000)."
      + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
