// SPDX-License-Identifier: Apache-2.0

/// The Mann–Whitney (Wilcoxon rank-sum) test that two groups have the same distribution.
///
/// Source: Mann & Whitney, Ann Math Stat 1947;18:50–60, doi:10.1214/aoms/1177730491; exact
/// distribution with ties: Streitberg & Röhmel, Stat Softw Newsl 1986;12:10–17.
public struct MannWhitney: Equatable, Sendable {
  /// Pairs in which the first group's value is larger, ties counting one half.
  public let statistic: Double
  /// Whether any two values are equal.
  public let hasTies: Bool
  /// The sizes of the groups.
  public let counts: (first: Int, second: Int)

  private let ranks: [Double]
  private let tieSum: Double

  /// Ranks two groups.
  ///
  /// - Parameters:
  ///   - first: Values of the first group, none of them not-a-number.
  ///   - second: Values of the second group, none of them not-a-number.
  /// - Throws: `emptyInput` or `notFinite`.
  public init(_ first: [Double], _ second: [Double]) throws(BiostatisticsError) {
    guard !first.isEmpty, !second.isEmpty else { throw .emptyInput }
    let all = first + second
    if let position = all.firstIndex(where: \.isNaN) {
      throw .notFinite(input: "values", position: position)
    }
    ranks = Ranks.midranks(all)
    let ties = Ranks.tieSizes(all)
    hasTies = ties.contains { $0 > 1 }
    tieSum = ties.reduce(0) { $0 + Double($1) * Double($1 - 1) * Double($1 + 1) }
    counts = (first.count, second.count)
    let size = Double(first.count)
    statistic = ranks.prefix(first.count).reduce(0, +) - size * (size + 1) / 2
  }

  /// Compares sizes, ranks and statistic.
  public static func == (left: MannWhitney, right: MannWhitney) -> Bool {
    left.counts == right.counts && left.ranks == right.ranks
  }

  /// The two-sided test on the normal distribution, the variance corrected for ties.
  ///
  /// - Parameter continuityCorrected: Whether ½ is taken from the distance to the mean.
  /// - Returns: z with its p value.
  /// - Throws: `zeroVariance` when all values are equal.
  public func normal(continuityCorrected: Bool = true) throws(BiostatisticsError) -> TestResult {
    let (m, n) = (Double(counts.first), Double(counts.second))
    let total = m + n
    let variance = m * n / 12 * (total + 1 - tieSum / (total * (total - 1)))
    guard variance > 0 else { throw .zeroVariance("ranks") }
    let distance = statistic - m * n / 2
    let correction = continuityCorrected && distance != 0 ? (distance > 0 ? 0.5 : -0.5) : 0
    let z = (distance - correction) / variance.squareRoot()
    return TestResult(statistic: z, degreesOfFreedom: nil, p: try Normal.twoSidedP(z))
  }

  /// The exact two-sided p value over all ways to divide the values, ties included: twice the
  /// smaller tail, at most 1.
  ///
  /// - Throws: `outOfRange` for more than 300 patients, where `normal` serves.
  public func exact() throws(BiostatisticsError) -> Double {
    let count = counts.first + counts.second
    guard count <= 300 else { throw .outOfRange(parameter: "patients", value: Double(count)) }
    let isFirstSmaller = counts.first <= counts.second
    let group = isFirstSmaller ? ranks.prefix(counts.first) : ranks.suffix(counts.second)
    // Twice the midranks are whole numbers.
    let scores = ranks.map { Int(2 * $0) }
    let observed = Int(2 * group.reduce(0, +))
    let ways = Self.waysBySum(scores, taking: group.count)
    let all = ways.reduce(0, +)
    let below = ways.prefix(observed + 1).reduce(0, +) / all
    let above = ways.suffix(from: observed).reduce(0, +) / all
    return min(1, 2 * min(below, above))
  }

  /// In how many ways a number of scores can be taken so that they have each sum.
  private static func waysBySum(_ scores: [Int], taking size: Int) -> [Double] {
    let largest = scores.sorted().suffix(size).reduce(0, +)
    let width = largest + 1
    var ways = [Double](repeating: 0, count: (size + 1) * width)
    ways[0] = 1
    ways.withUnsafeMutableBufferPointer { ways in
      for (index, score) in scores.enumerated() {
        for taken in stride(from: min(size, index + 1), to: 0, by: -1) {
          let to = taken * width
          let from = (taken - 1) * width - score
          var sum = score
          while sum < width {
            ways[to &+ sum] += ways[from &+ sum]
            sum &+= 1
          }
        }
      }
    }
    return Array(ways.suffix(width))
  }
}
