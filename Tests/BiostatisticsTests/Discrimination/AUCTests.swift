// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct AUCTests {
  @Test(arguments: [
    ("roc_seed_nomogram", "seed_scores", "progression", "p_nomogram"),
    ("roc_aSAH_s100b", "aSAH", "outcome", "s100b"),
    ("roc_aSAH_wfns", "aSAH", "outcome", "wfns"),
  ])
  func `agrees with pROC`(name: String, data: String, outcome: String, score: String) throws {
    let expected = try Oracle.expected(name)
    let table = try Oracle.table(data)
    let auc = try AUC.measure(scores: table.numbers(score), outcomes: table.flags(outcome))
    #expect(auc.caseCount == Int(try expected["n_case"].number))
    #expect(auc.controlCount == Int(try expected["n_control"].number))
    let interval = try auc.interval()
    let clipped = try auc.clippedInterval()
    let logit = try auc.logitInterval()
    expectClose(
      [
        auc.estimate, try #require(auc.variance), try #require(auc.standardError),
        interval.low, interval.high, logit.low, logit.high, auc.somersD,
      ],
      try expected.numbers([
        "auc", "delong_var", "delong_se", "delong_lower_unclipped", "delong_upper_unclipped",
        "logit_lower", "logit_upper", "somers_dxy",
      ]),
      within: 1e-12
    )
    expectClose(
      [clipped.low, clipped.high],
      try expected["proc_ci"].numbers(["lower", "upper"]),
      within: 1e-12
    )
  }

  @Test func `ranks agree with comparing every pair`() throws {
    for seed in UInt64(1)...100 {
      var generator = SeededGenerator(seed: seed)
      let scores = (0..<25).map { _ in Double(Int.random(in: 0...8, using: &generator)) }
      let outcomes = (0..<25).map { $0 < 2 || ($0 > 3 && Bool.random(using: &generator)) }
      let auc = try AUC.measure(scores: scores, outcomes: outcomes)
      let twin = PairwiseAUC(scores, outcomes)
      #expect(isClose(auc.estimate, twin.estimate, within: 1e-13), "seed \(seed)")
      #expect(
        isClose(try #require(auc.variance), twin.variance, within: 1e-13),
        "seed \(seed)"
      )
    }
  }

  @Test func `one case has an area and no variance`() throws {
    let auc = try AUC.measure(scores: [3, 1, 2], outcomes: [true, false, false])
    #expect(auc.estimate == 1)
    #expect(auc.variance == nil)
    #expect(throws: BiostatisticsError.tooFew(what: "cases and controls", needed: 2, found: 1)) {
      try auc.interval()
    }
  }

  @Test func `a perfect area has no logit`() throws {
    let auc = try AUC.measure(scores: [3, 4, 1, 2], outcomes: [true, true, false, false])
    #expect(throws: BiostatisticsError.zeroVariance("AUC")) { try auc.logit() }
  }

  @Test func `a score that is not a number is refused`() {
    #expect(throws: BiostatisticsError.notFinite(input: "scores", position: 1)) {
      try AUC.measure(scores: [1, .nan], outcomes: [true, false])
    }
  }
}

/// DeLong's estimate by comparing every case with every control.
private struct PairwiseAUC {
  let estimate: Double
  let variance: Double

  init(_ scores: [Double], _ outcomes: [Bool]) {
    let cases = zip(scores, outcomes).filter(\.1).map(\.0)
    let controls = zip(scores, outcomes).filter { !$0.1 }.map(\.0)
    let wins = cases.map { one in
      controls.map { other in one > other ? 1 : one == other ? 0.5 : 0 }
    }
    let ofCases = wins.map { $0.reduce(0, +) / Double(controls.count) }
    let ofControls = controls.indices.map { column in
      wins.reduce(0) { $0 + $1[column] } / Double(cases.count)
    }
    let mean = ofCases.reduce(0, +) / Double(cases.count)
    estimate = mean
    let spread = { (values: [Double]) in
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        / Double((values.count - 1) * values.count)
    }
    variance = spread(ofCases) + spread(ofControls)
  }
}
