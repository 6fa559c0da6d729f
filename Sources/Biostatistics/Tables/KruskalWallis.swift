// SPDX-License-Identifier: Apache-2.0

/// The Kruskal–Wallis test that several groups have the same distribution.
///
/// Source: Kruskal & Wallis, J Am Stat Assoc 1952;47:583–621,
/// doi:10.1080/01621459.1952.10483441.
public enum KruskalWallis {
  /// Tests two or more groups, with the correction for ties, on chi-square with k − 1 degrees of
  /// freedom.
  ///
  /// - Parameter groups: The values of each group, none of them empty or not-a-number.
  /// - Returns: H with its p value.
  /// - Throws: `tooFew`, `emptyInput`, `notFinite`, or `zeroVariance` when all values are equal.
  public static func test(_ groups: [[Double]]) throws(BiostatisticsError) -> TestResult {
    guard groups.count > 1 else { throw .tooFew(what: "groups", needed: 2, found: groups.count) }
    guard !groups.contains(where: \.isEmpty) else { throw .emptyInput }
    let all = Array(groups.joined())
    if let position = all.firstIndex(where: { $0.isNaN }) {
      throw .notFinite(input: "values", position: position)
    }
    let count = Double(all.count)
    let ranks = Ranks.midranks(all)
    var start = 0
    var sum = 0.0
    for group in groups {
      let total = ranks[start..<start + group.count].reduce(0, +)
      sum += total * total / Double(group.count)
      start += group.count
    }
    let tied = Ranks.tieSizes(all).reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) }
    let correction = 1 - tied / (count * count * count - count)
    guard correction > 0 else { throw .zeroVariance("ranks") }
    let statistic = (12 / (count * (count + 1)) * sum - 3 * (count + 1)) / correction
    return try ChiSquared(degreesOfFreedom: Double(groups.count - 1)).test(statistic)
  }
}
