// SPDX-License-Identifier: Apache-2.0

/// What every function of risks and outcomes asks of them.
enum RiskChecks {
  static func check(risks: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    guard risks.count == outcomes.count else {
      throw .countsDiffer(expected: outcomes.count, found: risks.count)
    }
    guard !risks.isEmpty else { throw .emptyInput }
    for (position, risk) in risks.enumerated() where !(0...1).contains(risk) {
      guard risk.isFinite else { throw .notFinite(input: "risks", position: position) }
      throw .outOfRange(parameter: "risk", value: risk)
    }
  }
}
