// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct CalibrationTests {
  private func measure() throws -> Calibration {
    let table = try Oracle.table("calib_birthwt")
    return try Calibration.measure(risks: table.numbers("p"), outcomes: table.flags("low"))
  }

  @Test func `slope and intercepts agree with glm`() throws {
    let expected = try Oracle.expected("calibration_birthwt")
    let calibration = try measure()
    let limits = try calibration.slope.interval()
    expectClose(
      [
        calibration.slope.value, calibration.slope.standardError, limits.low, limits.high,
        calibration.jointIntercept.value, calibration.jointIntercept.standardError,
        calibration.inTheLarge.value, calibration.inTheLarge.standardError,
      ],
      try expected.numbers([
        "slope", "slope_se", "slope_wald_lower", "slope_wald_upper",
        "calibration_intercept_joint", "calibration_intercept_joint_se", "citl", "citl_se",
      ]),
      within: 1e-9
    )
  }

  @Test func `the O to E ratio agrees with its definition`() throws {
    let expected = try Oracle.expected("calibration_birthwt")
    let ratio = try measure().observedToExpected
    let logarithm = try ratio.logarithm()
    let limits = try ratio.interval()
    expectClose(
      [ratio.ratio, logarithm.value, logarithm.standardError, limits.low, limits.high],
      try expected.numbers([
        "o_e", "log_oe", "se_log_oe_binomial", "oe_lower_binomial", "oe_upper_binomial",
      ]),
      within: 1e-9
    )
  }

  @Test func `the Brier score agrees with its definition`() throws {
    let expected = try Oracle.expected("calibration_birthwt")
    let brier = try measure().brier
    expectClose(
      [brier.value, brier.reference, try #require(brier.scaled)],
      try expected.numbers(["brier", "brier_max", "scaled_brier"]),
      within: 1e-9
    )
  }

  @Test func `a risk of 0 is moved and counted`() throws {
    let calibration = try Calibration.measure(
      risks: [0, 0.2, 0.4, 0.6, 0.7, 0.9],
      outcomes: [false, true, false, true, false, true]
    )
    #expect(calibration.clippedCount == 1)
  }

  @Test func `equal risks have no slope but an intercept`() throws {
    let risks = [0.5, 0.5, 0.5, 0.5]
    let outcomes = [true, true, true, false]
    #expect(throws: BiostatisticsError.rankDeficient(columns: ["linear predictor"])) {
      try Calibration.slope(risks: risks, outcomes: outcomes)
    }
    let intercept = try Calibration.inTheLarge(risks: risks, outcomes: outcomes)
    #expect(isClose(intercept.value, Logit.of(0.75), within: 1e-12))
  }

  @Test func `a risk above 1 is refused`() {
    #expect(throws: BiostatisticsError.outOfRange(parameter: "risk", value: 1.5)) {
      try Calibration.measure(risks: [0.5, 1.5], outcomes: [true, false])
    }
  }

  @Test func `patterns of equal risk are grouped in order`() throws {
    let table = try Oracle.table("seed_scores")
    let patterns = try RiskPattern.group(
      risks: table.numbers("p_nomogram"),
      outcomes: table.flags("progression")
    )
    #expect(patterns.map(\.risk) == patterns.map(\.risk).sorted())
    #expect(patterns.reduce(0) { $0 + $1.observed.total } == 78)
    #expect(patterns.reduce(0) { $0 + $1.observed.successes } == 46)
  }
}
