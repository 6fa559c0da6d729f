// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct SelectionTests {
  static let candidates = [
    "age", "lwt", "race_black", "race_other", "smoke", "ptd", "ht", "ui", "ftv1", "ftv2p",
  ]

  @Test(arguments: 0..<4)
  func `stepwise selection agrees with stepAIC`(run: Int) throws {
    let expected = try Oracle.expected("stepwise_birthwt")["runs"].list[run]
    let table = try Oracle.table("birthwt")
    let direction = try #require(
      StepwiseSelection.Direction(rawValue: expected["direction"].text)
    )
    let found = try StepwiseSelection.select(
      table.design(Self.candidates),
      outcomes: table.flags("low"),
      direction: direction,
      penaltyPerTerm: expected["k"].number
    )
    let kept = try expected["kept"].list.map { try $0.text }
    #expect(found.kept == kept)
    let steps = found.steps.map { step in
      switch step.change {
      case .start: ""
      case .dropped(let name): "- \(name)"
      case .added(let name): "+ \(name)"
      }
    }
    #expect(try steps == expected["steps"].list.map { try $0.text })
    expectClose(found.steps.map(\.criterion), try expected["step_AIC"].numbers)
    expectClose(found.fit.estimates, try expected["coef"].numbers(["(Intercept)"] + kept))
    #expect(isClose(found.fit.aic, try expected["AIC"].number))
  }

  @Test func `a selection without penalty is refused`() throws {
    let table = try Oracle.table("birthwt")
    #expect(throws: BiostatisticsError.outOfRange(parameter: "penaltyPerTerm", value: 0)) {
      try StepwiseSelection.select(
        table.design(["lwt"]),
        outcomes: table.flags("low"),
        direction: .both,
        penaltyPerTerm: 0
      )
    }
  }

  @Test func `nested tests agree with anova`() throws {
    let expected = try Oracle.expected("lrt_birthwt")
    let table = try Oracle.table("birthwt")
    let outcomes = try table.flags("low")
    let design = try table.design(Columns.birthwt)
    let larger = try LogisticFit.fit(design, outcomes: outcomes)
    let smaller = try LogisticFit.fit(table.design(["age", "lwt", "smoke"]), outcomes: outcomes)
    let ratio = try NestedModels.likelihoodRatioTest(smaller, within: larger)
    let score = try NestedModels.scoreTest(smaller, within: design, outcomes: outcomes)
    let found = [
      ratio.statistic, try #require(ratio.degreesOfFreedom), ratio.p, score.statistic, score.p,
    ]
    expectClose(found, try expected["nested"].numbers(["chisq", "df", "p", "rao", "rao_p"]))
    let wald = try larger.waldTest(["race_black", "race_other"])
    expectClose(
      [wald.statistic, wald.p],
      try expected["wald_race_2df"].numbers(["chisq", "p"])
    )
  }

  @Test func `leaving out each term agrees with drop1`() throws {
    let expected = try Oracle.expected("lrt_birthwt")["drop1"]
    let table = try Oracle.table("birthwt")
    let rows = try DroppedTerm.all(
      table.design(Columns.birthwt),
      outcomes: table.flags("low")
    )
    #expect(try rows.map(\.term) == expected["term"].list.map { try $0.text })
    expectClose(rows.map(\.deviance), try expected["deviance"].numbers)
    expectClose(rows.map(\.aic), try expected["AIC"].numbers)
    expectClose(rows.map(\.test.statistic), try expected["LRT"].numbers)
    expectClose(rows.map(\.test.p), try expected["p"].numbers)
  }

  @Test func `models that are not nested are refused`() throws {
    let table = try Oracle.table("birthwt")
    let outcomes = try table.flags("low")
    let age = try LogisticFit.fit(table.design(["age"]), outcomes: outcomes)
    let other = try LogisticFit.fit(table.design(["lwt", "smoke"]), outcomes: outcomes)
    #expect(throws: BiostatisticsError.columnsDiffer(expected: other.terms, found: age.terms)) {
      try NestedModels.likelihoodRatioTest(age, within: other)
    }
    #expect(throws: BiostatisticsError.tooFew(what: "added terms", needed: 1, found: 0)) {
      try NestedModels.likelihoodRatioTest(age, within: age)
    }
    #expect(throws: BiostatisticsError.tooFew(what: "terms", needed: 1, found: 0)) {
      try age.waldTest([])
    }
  }

  @Test func `the univariate screen agrees with glm`() throws {
    let file = try Oracle.file("univariate_screen_hcc")
    let table = try Oracle.table("uci_hcc")
    let names = try file["inputs"]["variables"].list.map { try $0.text }
    let screen = try UnivariateScreen.measure(
      columnNames: names,
      columns: names.map { try table.optionalNumbers($0) },
      outcomes: table.flags(try file["inputs"]["outcome"].text),
      threshold: try file["inputs"]["alpha"].number
    )
    let expected = try file["expected"]["table"].list
    #expect(screen.rows.count == expected.count)
    for (row, reference) in zip(screen.rows, expected) {
      #expect(try row.name == reference["variable"].text)
      #expect(row.isKept == ((try reference["kept"].value as? Bool) ?? false), "\(row.name)")
      let coefficient = try #require(row.coefficient)
      let values = [
        Double(row.count), coefficient.estimate, coefficient.standardError,
        coefficient.oddsRatio, try #require(coefficient.oddsRatioLow),
        try #require(coefficient.oddsRatioHigh), coefficient.p,
        try #require(row.likelihoodRatio).p,
      ]
      #expect(isRelativelyClose(coefficient.estimate, try reference["coef"].number))
      // The reference's iterations leave its p values relative errors up to 1e-6.
      let keys = ["n", "coef", "se", "or", "or_lower", "or_upper", "p_wald", "p_lr"]
      for (value, number) in zip(values, try reference.numbers(keys)) {
        #expect(isClose(value, number), "\(row.name): \(value) is not \(number)")
      }
    }
  }

  @Test func `a separated column is reported, not fitted`() throws {
    let screen = try UnivariateScreen.measure(
      columnNames: ["x", "empty"],
      columns: [[0, 0, 1, 1], [nil, nil, nil, nil]],
      outcomes: [false, false, true, true]
    )
    #expect(screen.rows[0].refusal == .separated(.complete, columns: ["x"]))
    #expect(screen.rows[1].refusal == .emptyInput)
    #expect(screen.kept.isEmpty)
  }
}
