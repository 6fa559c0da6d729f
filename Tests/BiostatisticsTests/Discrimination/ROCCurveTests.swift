// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct ROCCurveTests {
  @Test(arguments: [
    ("roc_seed_nomogram", "seed_scores", "progression", "p_nomogram"),
    ("roc_aSAH_s100b", "aSAH", "outcome", "s100b"),
  ])
  func `the curve agrees with pROC`(
    name: String,
    data: String,
    outcome: String,
    score: String
  ) throws {
    let curve = try Oracle.expected(name)["curve"]
    let table = try Oracle.table(data)
    let points = try ROCCurve(scores: table.numbers(score), outcomes: table.flags(outcome)).points
    let thresholds = try curve["threshold"].list.map { try $0.optionalNumber ?? Double($0.text) }
    #expect(points.count == thresholds.count)
    for (point, threshold) in zip(points.dropFirst().dropLast(), thresholds.dropFirst()) {
      #expect(isClose(point.threshold, try #require(threshold), within: 1e-12))
    }
    expectClose(points.map(\.sensitivity), try curve["sensitivity"].numbers, within: 1e-12)
    expectClose(points.map(\.specificity), try curve["specificity"].numbers, within: 1e-12)
  }

  @Test(arguments: [
    ("youden_seed", "seed_scores", "progression", "p_nomogram"),
    ("youden_aSAH_s100b", "aSAH", "outcome", "s100b"),
    ("youden_ties", "youden_ties", "y", "x"),
  ])
  func `every best Youden cut-off is found`(
    name: String,
    data: String,
    outcome: String,
    score: String
  ) throws {
    let expected = try Oracle.expected(name)["youden"]
    let table = try Oracle.table(data)
    let optima = try ROCCurve(scores: table.numbers(score), outcomes: table.flags(outcome))
      .youdenOptima
    let rows = try (1...optima.count).map { try expected["\($0)"] }
    #expect((expected.value as? [String: Any])?.count == optima.count)
    for (point, row) in zip(optima, rows) {
      expectClose(
        [point.threshold, point.sensitivity, point.specificity, point.youdenIndex + 1],
        try row.numbers(["threshold", "sensitivity", "specificity", "youden"])
      )
      #expect(point.table.truePositives == Int(try row["tp"].number))
      #expect(point.table.falsePositives == Int(try row["fp"].number))
    }
  }
}
