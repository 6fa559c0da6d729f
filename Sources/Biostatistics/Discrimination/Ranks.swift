// SPDX-License-Identifier: Apache-2.0

/// Ranks with ties.
enum Ranks {
  /// The rank of every value from 1; tied values share the mean of their ranks.
  ///
  /// O(n log n).
  static func midranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    for run in tiedRuns(order, values) {
      // Ranks run.lowerBound + 1 ... run.upperBound; a mean of whole numbers is exact.
      let shared = Double(run.lowerBound + 1 + run.upperBound) / 2
      for position in run { ranks[order[position]] = shared }
    }
    return ranks
  }

  /// The sizes of the groups of equal values, those of single values included.
  static func tieSizes(_ values: [Double]) -> [Int] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    return tiedRuns(order, values).map(\.count)
  }

  private static func tiedRuns(_ order: [Int], _ values: [Double]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      runs.append(start..<end)
      start = end
    }
    return runs
  }
}
