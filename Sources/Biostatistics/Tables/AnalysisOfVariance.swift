// SPDX-License-Identifier: Apache-2.0

/// The one-way analysis of variance.
///
/// Source: Fisher, Statistical Methods for Research Workers, 1925, chapter 7.
public enum AnalysisOfVariance {
  /// Tests that several groups have the same mean, with equal variances within groups.
  ///
  /// - Parameter groups: The values of each group, finite and none of them empty.
  /// - Returns: The F test on groups − 1 and n − groups degrees of freedom.
  /// - Throws: `tooFew`, `emptyInput`, `notFinite`, or `zeroVariance` within groups.
  public static func oneWay(_ groups: [[Double]]) throws(BiostatisticsError) -> FTestResult {
    guard groups.count > 1 else { throw .tooFew(what: "groups", needed: 2, found: groups.count) }
    guard !groups.contains(where: \.isEmpty) else { throw .emptyInput }
    let all = Array(groups.joined())
    if let position = all.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "values", position: position)
    }
    guard all.count > groups.count else {
      throw .tooFew(what: "values", needed: groups.count + 1, found: all.count)
    }
    let grand = all.reduce(0) { $0 + $1 / Double(all.count) }
    var (between, within) = (0.0, 0.0)
    for group in groups {
      let size = Double(group.count)
      let mean = group.reduce(0) { $0 + $1 / size }
      between += size * (mean - grand) * (mean - grand)
      within += group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    guard within > 0 else { throw .zeroVariance("values") }
    guard between.isFinite, within.isFinite else {
      throw .outOfRange(parameter: "values", value: within)
    }
    let above = Double(groups.count - 1)
    let below = Double(all.count - groups.count)
    return try FRatio(numerator: above, denominator: below)
      .test((between / above) / (within / below))
  }
}
