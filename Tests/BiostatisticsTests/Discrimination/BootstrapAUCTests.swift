// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct BootstrapAUCTests {
  private func data() throws -> (scores: [Double], outcomes: [Bool]) {
    let table = try Oracle.table("aSAH")
    return (try table.numbers("s100b"), try table.flags("outcome"))
  }

  @Test func `given resamples agree with pROC`() throws {
    let expected = try Oracle.expected("bootstrap_auc_aSAH")
    let (scores, outcomes) = try data()
    let found = try BootstrapAUC.measure(
      scores: scores,
      outcomes: outcomes,
      resamples: Oracle.resamples("bootstrap_auc_aSAH_idx")
    )
    // The reference states 1e-12 for given resamples.
    expectClose(
      Array(found.resampled.prefix(10)),
      try expected["boot_auc_first10"].numbers,
      within: 1e-12
    )
    let percentile = try found.percentileInterval()
    let basic = try found.basicInterval()
    expectClose(
      [
        found.estimate, found.mean, try #require(found.standardError), percentile.low,
        percentile.high, basic.low, basic.high,
      ],
      try expected.numbers([
        "auc", "boot_mean", "boot_sd", "percentile_lower", "percentile_upper", "basic_lower",
        "basic_upper",
      ]),
      within: 1e-12
    )
  }

  @Test func `seeded resamples come near those of pROC`() throws {
    let expected = try Oracle.expected("bootstrap_auc_aSAH")["mc_reference"]
    let (scores, outcomes) = try data()
    let found = try BootstrapAUC.measure(
      scores: scores,
      outcomes: outcomes,
      resampleCount: 4000,
      seed: 1
    )
    let limits = try found.percentileInterval()
    // The reference states 0.005 for its 20,000 resamples.
    let median = try Quantile.median(found.resampled)
    for (value, key) in [(limits.low, "lower"), (median, "median"), (limits.high, "upper")] {
      #expect(abs(value - (try expected[key].number)) < 0.005, "\(key)")
    }
    let again = try BootstrapAUC.measure(
      scores: scores,
      outcomes: outcomes,
      resampleCount: 4000,
      seed: 1
    )
    #expect(again == found)
  }

  @Test func `a resample of cases alone is refused`() throws {
    #expect(throws: BiostatisticsError.noNonEvents(count: 2)) {
      try BootstrapAUC.measure(
        scores: [1, 2, 3],
        outcomes: [true, true, false],
        resamples: [[0, 1]]
      )
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "row", value: 3)) {
      try BootstrapAUC.measure(
        scores: [1, 2, 3],
        outcomes: [true, true, false],
        resamples: [[0, 3]]
      )
    }
  }
}
