// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Testing

struct ClassificationTableTests {
  static let seed = ClassificationTable(
    truePositives: 29,
    falsePositives: 3,
    falseNegatives: 17,
    trueNegatives: 29
  )

  @Test func `the seed cohort is classified as published at its cut-off`() throws {
    let table = try Oracle.table("seed_scores")
    let found = try ClassificationTable(
      scores: table.numbers("p_nomogram"),
      outcomes: table.flags("progression"),
      cutoff: 0.698
    )
    #expect(found == Self.seed)
  }

  @Test func `proportions agree with R`() throws {
    let expected = try Oracle.expected("diag2x2_seed")
    let proportions: [(String, Proportion?)] = [
      ("sensitivity", Self.seed.sensitivity), ("specificity", Self.seed.specificity),
      ("ppv", Self.seed.positivePredictiveValue), ("npv", Self.seed.negativePredictiveValue),
      ("accuracy", Self.seed.accuracy),
    ]
    for (name, proportion) in proportions {
      let reference = try expected[name]
      let found = try #require(proportion)
      let wilson = try found.wilson()
      let exact = try found.clopperPearson()
      #expect(isClose(found.estimate, try reference["estimate"].number, within: 1e-12))
      expectClose(
        [wilson.low, wilson.high],
        try reference["wilson"].numbers(["lower", "upper"]),
        within: 1e-12
      )
      expectClose(
        [exact.low, exact.high],
        try reference["clopper_pearson"].numbers(["lower", "upper"]),
        within: 1e-10
      )
    }
  }

  @Test func `likelihood ratios agree with Simel's log method`() throws {
    let expected = try Oracle.expected("diag2x2_seed")
    let ratios = [
      ("lr_pos", try Self.seed.logPositiveLikelihoodRatio()),
      ("lr_neg", try Self.seed.logNegativeLikelihoodRatio()),
      ("dor", try Self.seed.logDiagnosticOddsRatio()),
    ]
    for (name, ratio) in ratios {
      let limits = try ratio.interval().map { exp($0) }
      expectClose(
        [exp(ratio.value), limits.low, limits.high],
        try expected[name].numbers(["est", "lower", "upper"])
      )
    }
  }

  @Test func `a table without positives has no positive predictive value`() {
    let table = ClassificationTable(
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 3,
      trueNegatives: 4
    )
    #expect(table.positivePredictiveValue == nil)
    #expect(throws: BiostatisticsError.zeroCell("positive likelihood ratio")) {
      try table.logPositiveLikelihoodRatio()
    }
  }
}
