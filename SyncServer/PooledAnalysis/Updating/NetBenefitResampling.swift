// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// The interval of a net-benefit difference between two models of the same patients.
///
/// Sites are resampled, then patients within each; percentile limits.
struct NetBenefitResampling {
  private let thresholds: [Double]
  /// Distinct contributions of a patient, by threshold; the first is none at all.
  private var contributions: [[Double]]
  /// One number per patient of each site: the place among `contributions`.
  private var classes: [[Int32]] = []

  init(thresholds: [Double]) {
    self.thresholds = thresholds
    contributions = [Array(repeating: 0, count: thresholds.count)]
  }

  /// Adds a site with the linear predictors of both models by pattern.
  mutating func add(_ rows: PatternTable.Rows, candidate: [Double], incumbent: [Double]) {
    var own: [Int32] = []
    for place in rows.terms.indices {
      let (new, old) = (Logit.inverse(candidate[place]), Logit.inverse(incumbent[place]))
      let gain = thresholds.map { threshold -> Double in
        // A stored risk may differ from its threshold by rounding alone.
        let (isNew, isOld) = (new >= threshold - 1e-9, old >= threshold - 1e-9)
        guard isNew != isOld else { return 0 }
        let benefit = rows.outcomes[place] ? 1 : -threshold / (1 - threshold)
        return isNew ? benefit : -benefit
      }
      let known = contributions.firstIndex(of: gain)
      if known == nil { contributions.append(gain) }
      let index = Int32(known ?? contributions.count - 1)
      own += Array(repeating: index, count: Int(rows.counts[place]))
    }
    classes.append(own)
  }

  /// The difference and its limits at each threshold.
  func intervals(confidence: Double, samples: Int, seed: UInt64) -> [NetBenefitDifference] {
    guard !classes.isEmpty else { return [] }
    let observed = mean(of: classes.indices.map { tally($0) })
    var drawn: [[Double]] = []
    if contributions.count > 1 {
      var random = SplitMix64(seed: seed)
      for _ in 0..<samples { drawn.append(resampled(using: &random)) }
    }
    let tail = (1 - confidence) / 2
    return thresholds.indices.map { index in
      let values = drawn.map { $0[index] }
      return NetBenefitDifference(
        threshold: thresholds[index],
        difference: observed[index],
        low: (try? Quantile.type7(values, tail)) ?? 0,
        high: (try? Quantile.type7(values, 1 - tail)) ?? 0
      )
    }
  }

  private func tally(_ site: Int) -> [Int] {
    var counts = Array(repeating: 0, count: contributions.count)
    for index in classes[site] { counts[Int(index)] += 1 }
    return counts
  }

  private func resampled(using random: inout SplitMix64) -> [Double] {
    var counts = Array(repeating: 0, count: contributions.count)
    counts.withUnsafeMutableBufferPointer { counts in
      for _ in classes.indices {
        classes[random.next(below: classes.count)].withUnsafeBufferPointer { own in
          for _ in own.indices { counts[Int(own[random.next(below: own.count)])] += 1 }
        }
      }
    }
    return mean(of: [counts])
  }

  private func mean(of tallies: [[Int]]) -> [Double] {
    var sums = Array(repeating: 0.0, count: thresholds.count)
    var patients = 0
    for counts in tallies {
      for (contribution, count) in zip(contributions, counts) where count > 0 {
        patients += count
        for index in sums.indices { sums[index] += contribution[index] * Double(count) }
      }
    }
    return sums.map { $0 / Double(max(1, patients)) }
  }
}
