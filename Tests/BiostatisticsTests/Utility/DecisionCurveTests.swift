// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct DecisionCurveTests {
  @Test func `the curve agrees with dcurves`() throws {
    let file = try Oracle.file("dca_df_binary")
    let table = try Oracle.table("dca_df_binary")
    let points = try DecisionCurve.measure(
      risks: table.numbers("cancerpredmarker"),
      outcomes: table.flags("cancer"),
      thresholds: file["inputs"]["thresholds"].numbers
    )
    let rows = try file["expected"]["rows"].list
    #expect(points.count == rows.count)
    for (point, row) in zip(points, rows) {
      expectClose(
        [
          point.truePositiveShare, point.falsePositiveShare, point.netBenefit, point.treatAll,
          point.interventionsAvoidedPer100, try #require(point.standardised),
        ],
        try row.numbers([
          "tp_rate", "fp_rate", "nb_model", "nb_all", "interventions_avoided_per_100",
          "standardized",
        ])
      )
    }
  }

  @Test func `treating everyone at the prevalence threshold gains nothing`() throws {
    let benefit = try NetBenefit.measure(
      risks: [0.9, 0.9, 0.9, 0.9],
      outcomes: [true, false, false, false],
      threshold: 0.25
    )
    #expect(abs(benefit.value) < 1e-15)
  }

  @Test func `counts that differ are refused`() {
    #expect(throws: BiostatisticsError.countsDiffer(expected: 1, found: 2)) {
      try NetBenefit.measure(risks: [0.1, 0.2], outcomes: [true], threshold: 0.5)
    }
  }

  @Test(arguments: [0, 1, -0.2, Double.infinity])
  func `a threshold outside 0 to 1 is refused`(threshold: Double) {
    #expect(throws: BiostatisticsError.outOfRange(parameter: "threshold", value: threshold)) {
      try NetBenefit.measure(risks: [0.1], outcomes: [true], threshold: threshold)
    }
  }

  @Test func `net benefit never exceeds prevalence`() throws {
    for seed in UInt64(1)...200 {
      var generator = SeededGenerator(seed: seed)
      let risks = (0..<20).map { _ in Double.random(in: 0...1, using: &generator) }
      let outcomes = risks.map { Double.random(in: 0...1, using: &generator) < $0 }
      let point = try DecisionCurve.measure(
        risks: risks,
        outcomes: outcomes,
        thresholds: [Double.random(in: 0.05...0.95, using: &generator)]
      )[0]
      #expect(point.netBenefit <= point.prevalence, "seed \(seed)")
    }
  }
}
