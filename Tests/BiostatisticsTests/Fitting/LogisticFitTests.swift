// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct LogisticFitTests {
  @Test(arguments: [
    ("logistic_mle_seed", "han_seed_reconstructed", Columns.seed, "progression"),
    ("logistic_mle_birthwt", "birthwt", Columns.birthwt, "low"),
  ])
  func `agrees with glm`(name: String, data: String, columns: [String], outcome: String) throws {
    let expected = try Oracle.expected(name)
    let table = try Oracle.table(data)
    let fit = try LogisticFit.fit(table.design(columns), outcomes: table.flags(outcome))

    let terms = ["(Intercept)"] + columns
    #expect(fit.terms == terms)
    expectClose(fit.estimates, try expected["coef"].numbers(terms))
    expectClose(fit.standardErrors, try expected["se"].numbers(terms))
    expectClose(fit.coefficients.map(\.z), try expected["z"].numbers(terms))
    expectClose(fit.coefficients.map(\.p), try expected["p"].numbers(terms))
    expectClose(fit.coefficients.compactMap(\.low), try expected["wald_lower"].numbers(terms))
    expectClose(fit.coefficients.compactMap(\.high), try expected["wald_upper"].numbers(terms))
    expectClose(
      [fit.deviance, fit.nullDeviance, fit.aic, fit.bic, fit.logLikelihood],
      try expected.numbers(["deviance", "null_deviance", "AIC", "BIC", "logLik"])
    )
    expectClose(Array(fit.fitted.prefix(10)), try expected["fitted_head"].numbers)
    let test = try fit.likelihoodRatioTest()
    expectClose([test.statistic, test.p], try expected.numbers(["lr_chisq", "lr_p"]))
    let covariance = try expected["vcov"]["values"].list.flatMap { try $0.numbers }
    expectClose(fit.covariance.values, covariance)
  }

  @Test(arguments: [
    ("logistic_mle_seed", "han_seed_reconstructed", Columns.seed, "progression"),
    ("logistic_mle_birthwt", "birthwt", Columns.birthwt, "low"),
  ])
  func `profile limits are the exact roots`(
    name: String,
    data: String,
    columns: [String],
    outcome: String
  ) throws {
    let expected = try Oracle.expected(name)
    let table = try Oracle.table(data)
    let rows = try LogisticFit.profileCoefficients(
      table.design(columns),
      outcomes: table.flags(outcome)
    )
    let terms = ["(Intercept)"] + columns
    expectClose(rows.compactMap(\.low), try expected["profile_lower"].numbers(terms), within: 1e-7)
    expectClose(rows.compactMap(\.high), try expected["profile_upper"].numbers(terms), within: 1e-7)
  }

  @Test func `weights and offset agree with glm`() throws {
    let expected = try Oracle.expected("logistic_weights_offset")
    let table = try Oracle.table("birthwt_w_off")
    let columns = ["age", "lwt", "smoke", "ht"]
    let fit = try LogisticFit.fit(
      table.design(columns),
      outcomes: table.flags("low"),
      weights: table.numbers("w"),
      offset: table.numbers("off")
    )
    let terms = ["(Intercept)"] + columns
    expectClose(fit.estimates, try expected["coef"].numbers(terms))
    expectClose(fit.standardErrors, try expected["se"].numbers(terms))
    expectClose(
      [fit.deviance, fit.nullDeviance, fit.aic],
      try expected.numbers(["deviance", "null_deviance", "AIC"])
    )
  }

  @Test func `a frequency weight equals repeated rows`() throws {
    let table = try Oracle.table("birthwt_w_off")
    let design = try table.design(["age", "lwt", "smoke", "ht"])
    let outcomes = try table.flags("low")
    let weights = try table.numbers("w")
    let rows = weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) }

    let weighted = try LogisticFit.fit(design, outcomes: outcomes, weights: weights)
    let repeated = try LogisticFit.fit(
      design.selecting(rows: rows),
      outcomes: rows.map { outcomes[$0] }
    )
    expectClose(weighted.estimates, repeated.estimates, within: 1e-10)
    expectClose(weighted.standardErrors, repeated.standardErrors, within: 1e-10)
  }

  @Test func `predicting the fitted rows gives the fitted risks`() throws {
    let table = try Oracle.table("birthwt")
    let design = try table.design(Columns.birthwt)
    let fit = try LogisticFit.fit(design, outcomes: table.flags("low"))
    expectClose(try fit.predict(design), fit.fitted, within: 1e-13)
  }

  @Test func `a design with other columns is refused`() throws {
    let table = try Oracle.table("birthwt")
    let fit = try LogisticFit.fit(table.design(["age"]), outcomes: table.flags("low"))
    let other = try table.design(["lwt"])
    #expect(throws: BiostatisticsError.columnsDiffer(expected: ["age"], found: ["lwt"])) {
      try fit.predict(other)
    }
  }

  @Test func `separated columns are named`() throws {
    let table = try Oracle.table("sep_toy_quasi_binary")
    let design = try table.design(["t2", "nlr"])
    let outcomes = try table.flags("y")
    #expect(throws: BiostatisticsError.separated(.quasiComplete, columns: ["t2", "nlr"])) {
      try LogisticFit.fit(design, outcomes: outcomes)
    }
  }

  @Test func `complete separation is refused`() throws {
    let table = try Oracle.table("sep_toy_complete")
    let design = try table.design(["x1", "x2"])
    let outcomes = try table.flags("y")
    #expect(throws: BiostatisticsError.separated(.complete, columns: ["x1", "x2"])) {
      try LogisticFit.fit(design, outcomes: outcomes)
    }
  }

  @Test func `dependent columns are named`() throws {
    let design = try DesignMatrix(
      columnNames: ["a", "b", "sum"],
      columns: [[1, 2, 3, 5, 8, 1], [0, 1, 1, 0, 1, 0], [1, 3, 4, 5, 9, 1]]
    )
    #expect(throws: BiostatisticsError.rankDeficient(columns: ["sum"])) {
      try LogisticFit.fit(design, outcomes: [true, false, true, false, true, false])
    }
  }

  @Test func `a constant column is dependent on the intercept`() throws {
    let design = try DesignMatrix(columnNames: ["c"], columns: [[3, 3, 3, 3]])
    #expect(throws: BiostatisticsError.rankDeficient(columns: ["c"])) {
      try LogisticFit.fit(design, outcomes: [true, false, true, false])
    }
  }

  @Test func `outcomes of one kind are refused`() throws {
    let design = try DesignMatrix(columnNames: ["a"], columns: [[1, 2, 3]])
    #expect(throws: BiostatisticsError.noEvents(count: 3)) {
      try LogisticFit.fit(design, outcomes: [false, false, false])
    }
    #expect(throws: BiostatisticsError.noNonEvents(count: 3)) {
      try LogisticFit.fit(design, outcomes: [true, true, true])
    }
  }

  @Test func `an outcome between 0 and 1 is refused`() throws {
    let design = try DesignMatrix(columnNames: ["a"], columns: [[1, 2, 3]])
    #expect(throws: BiostatisticsError.outcomeNotBinary(position: 1)) {
      try LogisticFit.fit(design, outcomes: [0, 0.5, 1])
    }
  }

  @Test func `a weight of zero is refused`() throws {
    let design = try DesignMatrix(columnNames: ["a"], columns: [[1, 2, 3]])
    #expect(throws: BiostatisticsError.weightNotPositive(position: 2)) {
      try LogisticFit.fit(design, outcomes: [true, false, true], weights: [1, 1, 0])
    }
  }

  @Test func `counts that differ are refused`() throws {
    let design = try DesignMatrix(columnNames: ["a"], columns: [[1, 2, 3]])
    #expect(throws: BiostatisticsError.countsDiffer(expected: 3, found: 2)) {
      try LogisticFit.fit(design, outcomes: [true, false])
    }
  }

  @Test(arguments: [1e-6, 1, 1e6])
  func `the unit of a column does not matter`(unit: Double) throws {
    let table = try Oracle.table("birthwt")
    let age = try table.numbers("age")
    let plain = try LogisticFit.fit(table.design(["age"]), outcomes: table.flags("low"))
    let scaled = try LogisticFit.fit(
      DesignMatrix(columnNames: ["age"], columns: [age.map { $0 * unit }]),
      outcomes: table.flags("low")
    )
    #expect(isRelativelyClose(scaled.estimates[1] * unit, plain.estimates[1], within: 1e-9))
    #expect(isRelativelyClose(scaled.standardErrors[1] * unit, plain.standardErrors[1]))
  }

  @Test func `options outside their range are refused`() {
    #expect(throws: BiostatisticsError.outOfRange(parameter: "confidence", value: 1)) {
      try LogisticOptions(confidence: 1).checked()
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "maximumIterations", value: 0)) {
      try LogisticOptions(maximumIterations: 0).checked()
    }
  }
}
