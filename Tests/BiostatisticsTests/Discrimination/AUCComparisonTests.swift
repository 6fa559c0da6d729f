// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct AUCComparisonTests {
  @Test func `the paired test agrees with pROC`() throws {
    let expected = try Oracle.expected("delong_paired_seed_vs_clinical")
    let table = try Oracle.table("seed_scores")
    let comparison = try AUCComparison.paired(
      table.numbers("p_nomogram"),
      table.numbers("clinical"),
      outcomes: table.flags("progression")
    )
    let interval = try comparison.interval()
    expectClose(
      [
        comparison.first.estimate, comparison.second.estimate, comparison.test.statistic,
        comparison.test.p, interval.low, interval.high, comparison.covariance,
      ],
      try expected.numbers(["auc1", "auc2", "z", "p", "ci_lower", "ci_upper", "cov"]),
      within: 1e-12
    )
  }

  /// The z values printed by the paper, to its three decimals.
  @Test(arguments: [("p_nomogram", "clinical", 4.023), ("p_imaging", "t2sir_ge_1418", 3.003)])
  func `the published comparisons are reproduced`(
    first: String,
    second: String,
    published: Double
  ) throws {
    let table = try Oracle.table("seed_scores")
    let comparison = try AUCComparison.paired(
      table.numbers(first),
      table.numbers(second),
      outcomes: table.flags("progression")
    )
    #expect(abs(abs(comparison.test.statistic) - published) < 0.0005)
  }

  @Test func `the unpaired test agrees with pROC`() throws {
    let expected = try Oracle.expected("delong_unpaired_aSAH")
    let table = try Oracle.table("aSAH")
    let scores = try table.numbers("s100b")
    let outcomes = try table.flags("outcome")
    let female = try table.flags("female")
    let areas = try [true, false].map { group in
      let rows = female.indices.filter { female[$0] == group }
      return try AUC.measure(scores: rows.map { scores[$0] }, outcomes: rows.map { outcomes[$0] })
    }
    let comparison = try AUCComparison.unpaired(areas[0], areas[1])
    expectClose(
      [
        comparison.test.statistic, try #require(comparison.test.degreesOfFreedom),
        comparison.test.p, try comparison.difference.test().p,
      ],
      try expected.numbers(["D", "df", "p", "p_normal"]),
      within: 1e-12
    )
  }

  @Test func `a score compared with itself has no variance`() {
    #expect(throws: BiostatisticsError.zeroVariance("difference of AUCs")) {
      try AUCComparison.paired(
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4, 5],
        outcomes: [true, false, true, false, true]
      )
    }
  }
}
