// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct CalibrationHypothesesTests {
  @Test func `tests of calibration agree with R`() throws {
    let expected = try Oracle.expected("calibration_birthwt")
    let (risks, outcomes) = try SmoothCalibrationTests.cohort()
    let found = try CalibrationHypotheses.test(risks: risks, outcomes: outcomes)
    for (key, test) in [
      ("test_citl_lr", found.inTheLarge), ("test_slope_lr", found.slope),
      ("test_unreliability_2df", found.unreliability),
    ] {
      expectClose(
        [test.statistic, test.p],
        try expected[key].numbers(["chisq", "p"]),
        within: 1e-9
      )
    }
    expectClose(
      [found.logLoss, found.spiegelhalter.statistic, found.spiegelhalter.p],
      try expected.numbers(["logloss", "spiegelhalter_z", "spiegelhalter_p"]),
      within: 1e-9
    )
  }

  @Test func `indexes agree with val.prob`() throws {
    let expected = try Oracle.expected("calibration_birthwt")["val_prob"]
    let (risks, outcomes) = try SmoothCalibrationTests.cohort()
    let found = try CalibrationHypotheses.test(risks: risks, outcomes: outcomes)
    expectClose(
      [
        found.nagelkerke, found.discriminationIndex, found.discriminationStatistic,
        found.unreliabilityIndex, found.unreliability.statistic, found.unreliability.p,
        found.quality,
      ],
      try expected.numbers(["R2", "D", "D:Chi-sq", "U", "U:Chi-sq", "U:p", "Q"]),
      within: 1e-9
    )
  }

  @Test func `Hosmer–Lemeshow agrees with R`() throws {
    let expected = try Oracle.expected("calibration_birthwt")["hosmer_lemeshow"]
    let (risks, outcomes) = try SmoothCalibrationTests.cohort()
    let found = try HosmerLemeshow.test(risks: risks, outcomes: outcomes)
    let development = try #require(found.development)
    expectClose(
      [
        development.statistic, development.degreesOfFreedom ?? 0, development.p,
        found.external.degreesOfFreedom ?? 0, found.external.p,
      ],
      try expected.numbers(["chisq", "df_dev", "p_dev", "df_ext", "p_ext"]),
      within: 1e-9
    )
    expectClose(found.groups.map { Double($0.observed) }, try expected["observed"].numbers)
    expectClose(found.groups.map { Double($0.count) }, try expected["n"].numbers)
    expectClose(found.groups.map(\.expected), try expected["expected"].numbers, within: 1e-10)
  }

  @Test func `equal quantiles make one group`() throws {
    let risks = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 0.6, 0.7, 0.8]
    let outcomes = risks.indices.map { $0 % 2 == 0 }
    let found = try HosmerLemeshow.test(risks: risks, outcomes: outcomes)
    #expect(found.groups.reduce(0) { $0 + $1.count } == 10)
    #expect(throws: BiostatisticsError.zeroVariance("risks")) {
      try HosmerLemeshow.test(risks: [0, 0, 1, 1], outcomes: [true, false, true, false])
    }
  }
}
