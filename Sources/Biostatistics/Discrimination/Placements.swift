// SPDX-License-Identifier: Apache-2.0

/// DeLong's placement values: for every case the share of controls below it, and for every
/// control the share of cases above it, with ties as one half.
struct Placements: Sendable {
  let cases: [Double]
  let controls: [Double]

  /// Computes them from ranks, in O(n log n).
  init(_ scored: ScoredOutcomes) {
    let caseCount = scored.cases.count
    let controlCount = scored.controls.count
    let pooled = Ranks.midranks(scored.cases + scored.controls)
    let amongCases = Ranks.midranks(scored.cases)
    let amongControls = Ranks.midranks(scored.controls)
    cases = (0..<caseCount).map { (pooled[$0] - amongCases[$0]) / Double(controlCount) }
    controls = (0..<controlCount).map {
      1 - (pooled[caseCount + $0] - amongControls[$0]) / Double(caseCount)
    }
  }

  var auc: AUC {
    AUC(
      estimate: cases.reduce(0, +) / Double(cases.count),
      variance: covariance(with: self),
      caseCount: cases.count,
      controlCount: controls.count
    )
  }

  /// The covariance of two areas of the same patients; nil with fewer than two in a class.
  func covariance(with other: Placements) -> Double? {
    guard cases.count > 1, controls.count > 1 else { return nil }
    return Self.sampleCovariance(cases, other.cases) / Double(cases.count)
      + Self.sampleCovariance(controls, other.controls) / Double(controls.count)
  }

  private static func sampleCovariance(_ first: [Double], _ second: [Double]) -> Double {
    let count = Double(first.count)
    let firstMean = first.reduce(0, +) / count
    let secondMean = second.reduce(0, +) / count
    let sum = zip(first, second).reduce(0) { $0 + ($1.0 - firstMean) * ($1.1 - secondMean) }
    return sum / (count - 1)
  }
}
