// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct FirthFitTests {
  struct Cohort: CustomTestStringConvertible {
    let name: String
    let data: String
    let columns: [String]
    let outcome: String
    var testDescription: String { name }
  }

  static let cohorts = [
    Cohort(
      name: "firth_seed",
      data: "han_seed_reconstructed",
      columns: Columns.seed,
      outcome: "progression"
    ),
    Cohort(name: "firth_sex2", data: "sex2", columns: Columns.sex2, outcome: "case"),
  ]

  private func fit(_ cohort: Cohort, limits: FirthFit.Limits = .wald) throws -> FirthFit {
    let table = try Oracle.table(cohort.data)
    return try FirthFit.fit(
      table.design(cohort.columns),
      outcomes: table.flags(cohort.outcome),
      limits: limits
    )
  }

  @Test(arguments: cohorts)
  func `estimates agree with logistf`(cohort: Cohort) throws {
    let expected = try Oracle.expected(cohort.name)
    let fit = try fit(cohort)
    let terms = ["(Intercept)"] + cohort.columns
    expectClose(fit.estimates, try expected["coef"].numbers(terms))
    expectClose(fit.standardErrors, try expected["se_inverse_fisher"].numbers(terms))
    expectClose(
      [fit.penalisedLogLikelihood, fit.nullPenalisedLogLikelihood],
      try expected.numbers(["penalized_loglik_full", "penalized_loglik_null"])
    )
    #expect(
      isClose(try fit.likelihoodRatioTest().statistic, try expected["lr_chisq"].number)
    )
    expectClose(Array(fit.fitted.prefix(5)), try expected["predict_head"].numbers)
  }

  @Test(arguments: cohorts)
  func `profile limits and p values are the exact roots`(cohort: Cohort) throws {
    let expected = try Oracle.expected(cohort.name)
    let rows = try fit(cohort, limits: .profile).coefficients
    let terms = ["(Intercept)"] + cohort.columns
    // Limits: the stated tolerance of the reference.
    expectClose(
      rows.compactMap(\.low),
      try expected["exact_root_lower"].numbers(terms),
      within: 1e-7
    )
    expectClose(
      rows.compactMap(\.high),
      try expected["exact_root_upper"].numbers(terms),
      within: 1e-7
    )
    expectClose(rows.map(\.p), try expected["exact_plr_p"].numbers(terms))
  }

  @Test(arguments: cohorts)
  func `the calibrated intercept makes mean risk and event rate equal`(cohort: Cohort) throws {
    let expected = try Oracle.expected(cohort.name)
    let table = try Oracle.table(cohort.data)
    let fit = try fit(cohort)
    #expect(isClose(fit.calibratedIntercept, try expected["flic"]["intercept"].number))
    let risks = try fit.predict(table.design(cohort.columns))
    #expect(isClose(risks.reduce(0, +), Double(fit.events), within: 1e-10))
  }

  @Test(arguments: cohorts)
  func `Wald limits come from the inverse information`(cohort: Cohort) throws {
    let expected = try Oracle.expected(cohort.name)
    let fit = try fit(cohort)
    let terms = ["(Intercept)"] + cohort.columns
    let errors = try expected["se_inverse_fisher"].numbers(terms)
    let highs = zip(fit.estimates, errors).map { $0 + 1.959963984540054 * $1 }
    expectClose(fit.coefficients.compactMap(\.high), highs)
  }

  @Test func `estimates are finite under separation`() throws {
    let table = try Oracle.table("sep_toy_complete")
    let fit = try FirthFit.fit(table.design(["x1", "x2"]), outcomes: table.flags("y"))
    #expect(fit.estimates.allSatisfy { abs($0) < 20 })
  }

  @Test func `an empty fourfold table gets half a patient in every cell`() throws {
    // With one binary predictor, Firth's estimate is the log odds ratio after adding ½ to every
    // cell: here (3 + ½)(4 + ½) / ((0 + ½)(2 + ½)).
    let design = try DesignMatrix(
      columnNames: ["x"],
      columns: [[1, 1, 1, 0, 0, 0, 0, 0, 0]]
    )
    let outcomes = [true, true, true, true, true, false, false, false, false]
    let fit = try FirthFit.fit(design, outcomes: outcomes)
    #expect(isClose(fit.coefficients[1].oddsRatio, 3.5 * 4.5 / (0.5 * 2.5), within: 1e-9))
  }
}
