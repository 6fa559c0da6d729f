// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// One figure with what it must be.
struct ReportRow: Encodable {
  var what: String
  var value: Double
  var unit: String
  var low: Double?
  var high: Double?
  var must: String
  var stretch: String
  var pass: Bool
}

extension UpdateSimulation {
  /// Prints one line and returns the figures of a truth at one size.
  static func report(
    _ truth: Truth,
    _ size: Int,
    _ found: [Repeat],
    seed: UInt64
  ) -> [ReportRow] {
    let total = found.count
    let released = found.count(where: \.isReleased)
    let worse = found.count { $0.isReleased && $0.isWorse }
    let mutant = found.count(where: \.isReleasedByMutant)
    let limits = try? Proportion(successes: released, total: total).clopperPearson()
    let mutantLimits = try? Proportion(successes: mutant, total: total).clopperPearson()
    var row = ReportRow(
      what: "\(truth.name), n \(size): released",
      value: Double(released) / Double(total),
      unit: "share",
      low: limits?.low,
      high: limits?.high,
      must: "reported",
      stretch: "",
      pass: true
    )
    var rows: [ReportRow] = []
    switch truth.bar {
    case .falseReleases(let bar):
      row.must = "≤ \(bar), by the lower limit"
      row.pass = (limits?.low ?? 1) <= bar
      rows = [row]
    case .releases(let bars):
      let bar = bars[size] ?? 0
      row.must = "≥ \(bar)"
      row.pass = row.value >= bar
      rows = [row]
    case .none: rows = [row]
    }
    row.what = "\(truth.name), n \(size): a worse model released"
    row.value = Double(worse) / Double(total)
    row.must = "≤ 0.02, by the lower limit"
    let worseLimits = try? Proportion(successes: worse, total: total).clopperPearson()
    (row.low, row.high) = (worseLimits?.low, worseLimits?.high)
    row.pass = (worseLimits?.low ?? 1) <= 0.02
    rows.append(row)
    if truth.name == "heterogeneity alone" {
      row.what = "\(truth.name), n \(size): the earlier gate is caught"
      row.value = Double(mutant) / Double(total)
      (row.low, row.high) = (mutantLimits?.low, mutantLimits?.high)
      row.must = "> 0.02, by the lower limit"
      row.pass = (mutantLimits?.low ?? 0) > 0.02
      rows.append(row)
    }
    print(line(truth, size, rows[0], worse: worse, mutant: mutant, found, seed: seed))
    return rows
  }

  private static func line(
    _ truth: Truth,
    _ size: Int,
    _ row: ReportRow,
    worse: Int,
    mutant: Int,
    _ found: [Repeat],
    seed: UInt64
  ) -> String {
    var causes: [String: Int] = [:]
    for cause in found.flatMap(\.failed) { causes[cause, default: 0] += 1 }
    let names = causes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let share = String(
      format: "%.3f (%.3f to %.3f)",
      row.value,
      row.low ?? 0,
      row.high ?? 1
    )
    return "\(truth.name), n \(size): released \(share), worse \(worse); earlier gate "
      + "\(mutant) of \(found.count); must \(row.must): \(row.pass ? "met" : "MISSED")\n"
      + "    seed \(seed); not met: \(names)"
  }
}
