// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct RestrictedCubicSplineTests {
  @Test(arguments: 0..<3)
  func `knots and columns agree with Hmisc`(index: Int) throws {
    let expected = try Oracle.expected("rcs_birthwt")["basis"].list[index]
    let values = try Oracle.table("birthwt").numbers("lwt")
    let knotCount = Int(try expected["nk"].number)
    for (key, scaling) in [
      ("basis_norm2", RestrictedCubicSpline.Scaling.squaredRange), ("basis_norm0", .none),
    ] {
      let spline = try RestrictedCubicSpline(
        values: values,
        knotCount: knotCount,
        scaling: scaling
      )
      expectClose(spline.knots, try expected["knots"].numbers)
      let columns = spline.columns(try expected["x"].numbers)
      for (row, reference) in try expected[key]["values"].list.enumerated() {
        expectClose(columns.map { $0[row] }, try reference.numbers)
      }
    }
  }

  @Test(arguments: 0..<3)
  func `fits and their tests of linearity agree with glm`(index: Int) throws {
    let expected = try Oracle.expected("rcs_birthwt")["fit"].list[index]
    let table = try Oracle.table("birthwt")
    let values = try table.numbers("lwt")
    let outcomes = try table.flags("low")
    let spline = try RestrictedCubicSpline(knots: expected["knots"].numbers)
    let columns = spline.columns(values)
    let names = columns.indices.map { "lwt\($0)" }
    let fit = try LogisticFit.fit(
      DesignMatrix(columnNames: names, columns: columns),
      outcomes: outcomes
    )
    expectClose(fit.estimates, try expected["coef"].numbers)
    expectClose(fit.standardErrors, try expected["se"].numbers)
    let linear = try LogisticFit.fit(
      DesignMatrix(columnNames: ["lwt0"], columns: [values]),
      outcomes: outcomes
    )
    let test = try NestedModels.likelihoodRatioTest(linear, within: fit)
    expectClose(
      [fit.deviance, test.statistic, try #require(test.degreesOfFreedom), test.p],
      try expected.numbers(["deviance", "nonlinearity_lr", "nonlinearity_df", "nonlinearity_p"])
    )
  }

  @Test func `the spline is linear beyond its outer knots`() throws {
    let spline = try RestrictedCubicSpline(knots: [0, 1, 2, 4])
    for column in spline.columns([5, 6, 7, -1, -2, -3]) {
      #expect(isClose(column[1] - column[0], column[2] - column[1]))
      #expect(isClose(column[4] - column[3], column[5] - column[4]))
    }
  }

  @Test func `ties that leave fewer knots are refused`() {
    let values = [Double](repeating: 1, count: 150)
    #expect(throws: BiostatisticsError.tooFew(what: "distinct knots", needed: 4, found: 1)) {
      try RestrictedCubicSpline(values: values, knotCount: 4)
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "knotCount", value: 9)) {
      try RestrictedCubicSpline(values: values, knotCount: 9)
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "knots", value: 1)) {
      try RestrictedCubicSpline(knots: [1, 1, 2])
    }
  }

  @Test func `with few values the outer knots are the fifth from each end`() throws {
    let spline = try RestrictedCubicSpline(values: (1...50).map(Double.init), knotCount: 3)
    #expect(spline.knots[0] == 5)
    #expect(spline.knots[2] == 46)
  }
}
