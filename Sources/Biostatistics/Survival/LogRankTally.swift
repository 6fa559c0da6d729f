// SPDX-License-Identifier: Apache-2.0

/// Weighted observed and expected events summed over event times.
struct LogRankTally {
  let rho: Double
  private(set) var observed: [Int]
  private(set) var weightedObserved: [Double]
  private(set) var expected: [Double]
  private(set) var covariance: SymmetricMatrix
  private var shares: [Double]

  init(groupCount: Int, rho: Double) {
    self.rho = rho
    observed = Array(repeating: 0, count: groupCount)
    weightedObserved = Array(repeating: 0, count: groupCount)
    expected = weightedObserved
    shares = weightedObserved
    covariance = SymmetricMatrix(dimension: groupCount)
  }

  /// Adds the patients of one stratum, in the order of their times.
  mutating func add(_ order: [Int], times: [Double], events: [Bool], groups: [Int]) {
    var atRisk = observed.map { _ in 0 }
    for row in order { atRisk[groups[row]] += 1 }
    var failed = observed.map { _ in 0 }
    var leaving = failed
    var survival = 1.0
    var start = 0
    while start < order.count {
      let time = times[order[start]]
      for group in leaving.indices {
        leaving[group] = 0
        failed[group] = 0
      }
      var end = start
      while end < order.count, times[order[end]] == time {
        let row = order[end]
        leaving[groups[row]] += 1
        failed[groups[row]] += events[row] ? 1 : 0
        end += 1
      }
      add(failed: failed, atRisk: atRisk, total: order.count - start, survival: &survival)
      for group in atRisk.indices { atRisk[group] -= leaving[group] }
      start = end
    }
  }

  /// Adds patients whose times are whole numbers below a span.
  mutating func add(_ data: SurvivalTimes, span: Int, groups: [Int]) {
    let width = observed.count
    let counts = TimeCounts(data, span: span, groups: groups, groupCount: width)
    var atRisk = observed.map { _ in 0 }
    for place in counts.leaving.indices { atRisk[place % width] += Int(counts.leaving[place]) }
    var failed = atRisk
    var total = data.times.count
    var survival = 1.0
    for start in stride(from: 0, to: span * width, by: width) {
      for group in 0..<width { failed[group] = Int(counts.events[start + group]) }
      add(failed: failed, atRisk: atRisk, total: total, survival: &survival)
      for group in 0..<width {
        let leaving = Int(counts.leaving[start + group])
        atRisk[group] -= leaving
        total -= leaving
      }
    }
  }

  private mutating func add(
    failed: [Int],
    atRisk: [Int],
    total: Int,
    survival: inout Double
  ) {
    let events = failed.reduce(0, +)
    guard events > 0 else { return }
    let weight = rho == 0 ? 1 : rho == 1 ? survival : exp(rho * log(survival))
    survival *= Double(total - events) / Double(total)
    for group in failed.indices {
      shares[group] = Double(atRisk[group]) / Double(total)
      observed[group] += failed[group]
      weightedObserved[group] += weight * Double(failed[group])
      expected[group] += weight * Double(events) * shares[group]
    }
    guard total > 1 else { return }
    let factor = weight * weight * Double(events) * Double(total - events) / Double(total - 1)
    for row in shares.indices {
      for column in 0...row {
        let diagonal = row == column ? shares[row] : 0
        covariance[row, column] += factor * (diagonal - shares[row] * shares[column])
      }
    }
  }
}
