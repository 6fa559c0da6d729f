// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct SmoothCalibrationTests {
  static func cohort() throws -> (risks: [Double], outcomes: [Bool]) {
    let table = try Oracle.table("calib_birthwt")
    return (try table.numbers("p"), try table.flags("low"))
  }

  @Test(arguments: [
    ("loess_direct", SmoothCalibration.Surface.direct, 1e-9),
    ("loess_interpolate", .interpolated, 1e-9),
  ])
  func `smoothed risks agree with loess`(
    key: String,
    surface: SmoothCalibration.Surface,
    tolerance: Double
  ) throws {
    let expected = try Oracle.expected("calibration_birthwt")[key]
    let (risks, outcomes) = try Self.cohort()
    let found = try SmoothCalibration(risks: risks, outcomes: outcomes, surface: surface)
    expectClose(
      [found.integratedIndex, found.medianError, found.ninetiethError, found.largestError],
      try expected.numbers(["ici", "e50", "e90", "emax"]),
      within: tolerance
    )
    let head = try expected["fitted_head"].numbers
    expectClose(Array(found.fitted.prefix(head.count)), head, within: tolerance)
    #expect(found.isExact == (surface == .direct))
  }

  @Test func `the curve and its standard errors agree with predict`() throws {
    let expected = try Oracle.expected("calibration_birthwt")["loess_direct"]["curve"]
    let (risks, outcomes) = try Self.cohort()
    let found = try SmoothCalibration(risks: risks, outcomes: outcomes)
    let places = try expected["p"].numbers
    let curve = try found.curve(at: places)
    expectClose(curve.map(\.observed), try expected["y"].numbers, within: 1e-9)
    expectClose(curve.map(\.standardError), try expected["se"].numbers, within: 1e-8)
    #expect(curve.allSatisfy { $0.limits.contains($0.observed) })
  }

  @Test func `a line is smoothed to itself wherever it is fitted`() throws {
    // Each risk k/20 with k events of 20 patients: the smooth of a line is the line.
    let risks = (1..<20).flatMap { [Double](repeating: Double($0) / 20, count: 20) }
    let outcomes = (1..<20).flatMap { k in (0..<20).map { $0 < k } }
    for surface in [SmoothCalibration.Surface.direct, .interpolated] {
      let found = try SmoothCalibration(risks: risks, outcomes: outcomes, surface: surface)
      #expect(found.largestError < 1e-9)
    }
  }

  @Test func `few distinct risks have a curve through their shares`() throws {
    let risks = [0.1, 0.1, 0.1, 0.1, 0.6, 0.6, 0.6, 0.6]
    let outcomes = [true, false, false, false, true, true, true, false]
    let found = try SmoothCalibration(risks: risks, outcomes: outcomes)
    expectClose(found.fitted, [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75], within: 1e-12)
  }

  @Test func `hostile risks are refused`() {
    #expect(throws: BiostatisticsError.zeroVariance("risks")) {
      try SmoothCalibration(
        risks: [0.2, 0.2, 0.2, 0.2, 0.2],
        outcomes: [true, false, true, false, true]
      )
    }
    #expect(throws: BiostatisticsError.emptyInput) {
      try SmoothCalibration(risks: [], outcomes: [])
    }
    #expect(throws: BiostatisticsError.notFinite(input: "risks", position: 0)) {
      try SmoothCalibration(
        risks: [.nan, 0.1, 0.2, 0.3, 0.4],
        outcomes: [true, false, true, false, true]
      )
    }
  }

  @Test func `the linear smooth agrees with val.prob`() throws {
    let expected = try Oracle.expected("calibration_birthwt")["lowess_iter0"]
    let (risks, outcomes) = try Self.cohort()
    let found = try LowessCalibration(risks: risks, outcomes: outcomes)
    expectClose(
      [found.meanError, found.ninetiethError, found.largestError],
      try expected.numbers(["eavg", "e90", "emax"]),
      within: 1e-9
    )
    let head = try expected["first10"]
    expectClose(Array(found.risks.prefix(10)), try head["x"].numbers, within: 1e-12)
    expectClose(Array(found.smoothed.prefix(10)), try head["y"].numbers, within: 1e-10)
  }
}
