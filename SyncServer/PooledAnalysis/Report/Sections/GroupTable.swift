// SPDX-License-Identifier: Apache-2.0

/// Performance by site or by group, one row each.
struct GroupTable {
  let words: ReportWords

  func header(_ first: String) -> [String] {
    [
      first, "n", words("Events"), words("AUC (95 %)"), words("Slope (95 %)"),
      words("In the large (95 %)"), words("O:E (95 %)"), words("Brier"),
    ]
  }

  func row(_ group: GroupPerformance, label: String) -> [String] {
    let own = group.performance
    let calibration = own.calibration
    return [
      group.development ? words("{1} (development)", label) : label, "\(own.n)", "\(own.events)",
      words.limited(own.auc), words.withError(calibration?.slope, calibration?.slopeSE),
      words.withError(calibration?.intercept, calibration?.interceptSE),
      words.observedToExpected(calibration), words.number(own.brier),
    ]
  }
}
