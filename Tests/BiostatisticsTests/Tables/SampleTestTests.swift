// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct SampleTestTests {
  @Test(arguments: ["age", "s100b", "wtloss", "n3", "n7", "n11"])
  func `Shapiro–Wilk agrees with R`(key: String) throws {
    let expected = try Oracle.expected("shapiro")[key]
    let values: [Double]
    switch key {
    case "age", "s100b": values = try Oracle.table("aSAH").numbers(key)
    case "wtloss":
      values = try Oracle.table("lung").optionalNumbers("wt.loss").compactMap { $0 }
    default: values = try expected["x"].numbers
    }
    #expect(values.count == Int(try expected["n"].number))
    let found = try ShapiroWilk.test(values)
    expectClose([found.statistic], [try expected["W"].number], within: 1e-11)
    #expect(isRelativelyClose(found.p, try expected["p"].number, within: 1e-9))
  }

  @Test func `Shapiro–Wilk refuses what has no shape`() {
    #expect(throws: BiostatisticsError.zeroVariance("values")) {
      try ShapiroWilk.test([2, 2, 2, 2])
    }
    #expect(throws: BiostatisticsError.tooFew(what: "values", needed: 3, found: 2)) {
      try ShapiroWilk.test([2, 1])
    }
    #expect(throws: BiostatisticsError.notFinite(input: "values", position: 0)) {
      try ShapiroWilk.test([.infinity, 1, 2])
    }
  }

  @Test func `Shapiro–Wilk holds at the ends of the number line`() throws {
    let values = [1.2, 3.4, 3.9, 5, 9]
    let plain = try ShapiroWilk.test(values)
    let huge = try ShapiroWilk.test(values.map { $0 * 1e307 })
    expectClose([huge.statistic, huge.p], [plain.statistic, plain.p], within: 1e-12)
  }

  @Test func `t tests agree with R`() throws {
    let expected = try Oracle.expected("ttest")
    let (first, second) = try MannWhitneyTests.groups("age_by_outcome")
    for (key, found) in [
      ("welch", try TTest.welch(first, second)), ("pooled", try TTest.pooled(first, second)),
    ] {
      expectClose(
        [
          found.test.statistic, found.test.degreesOfFreedom ?? 0, found.test.p, found.limits.low,
          found.limits.high,
        ],
        try expected[key].numbers(["t", "df", "p", "lower", "upper"]),
        within: 1e-10
      )
    }
    let difference = try TTest.welch(first, second).standardisedDifference
    expectClose([try #require(difference)], [try expected["smd_pooled"].number], within: 1e-10)
    let ratio = try TTest.varianceRatio(first, second)
    expectClose([ratio.p], [try expected["f_test_p"].number], within: 1e-10)
  }

  @Test func `a paired t test is the test of the differences`() throws {
    let found = try TTest.paired([3, 5, 9], [1, 4, 5])
    // mean 7/3, variance 7/3: t = √7
    expectClose([found.test.statistic], [Double(7.0).squareRoot()], within: 1e-14)
    #expect(found.test.degreesOfFreedom == 2)
    #expect(throws: BiostatisticsError.zeroVariance("values")) {
      try TTest.paired([1, 2], [0, 1])
    }
  }

  @Test func `McNemar agrees with R`() throws {
    let expected = try Oracle.expected("misc_tests")
    let found = try McNemar.test(yesNo: 6, noYes: 16)
    expectClose(
      [found.test.statistic, found.test.p, found.exactP],
      try expected["mcnemar"].numbers(["chisq", "p", "exact_binom"]),
      within: 1e-10
    )
    expectClose(
      [found.corrected.statistic, found.corrected.p],
      try expected["mcnemar_cc"].numbers(["chisq", "p"]),
      within: 1e-10
    )
    #expect(try McNemar.test(yesNo: 3, noYes: 3).exactP == 1)
    #expect(throws: BiostatisticsError.zeroCell("discordant pairs")) {
      try McNemar.test(yesNo: 0, noYes: 0)
    }
  }

  @Test func `the analysis of variance agrees with R`() throws {
    let expected = try Oracle.expected("misc_tests")["anova_age_by_wfns"]
    let table = try Oracle.table("aSAH")
    let ages = try table.numbers("age")
    let grades = try table.numbers("wfns")
    let members = Dictionary(grouping: ages.indices) { grades[$0] }
    let found = try AnalysisOfVariance.oneWay(members.values.map { rows in rows.map { ages[$0] } })
    expectClose(
      [found.statistic, found.numerator, found.denominator, found.p],
      try expected.numbers(["F", "df1", "df2", "p"]),
      within: 1e-10
    )
  }

  @Test func `quantiles and adjusted p values agree with R`() throws {
    let file = try Oracle.file("misc_tests")
    let (inputs, expected) = (try file["inputs"], try file["expected"])
    let values = try inputs["q"].numbers
    let shares = [0.1, 0.25, 0.5, 0.75, 0.9]
    expectClose(
      try shares.map { try Quantile.type6(values, $0) },
      try expected["quantile6"].numbers,
      within: 1e-12
    )
    expectClose(
      try shares.map { try Quantile.type7(values, $0) },
      try expected["quantile7"].numbers,
      within: 1e-12
    )
    let pValues = try inputs["p"].numbers
    expectClose(try MultipleTesting.holm(pValues), try expected["holm"].numbers, within: 1e-12)
    expectClose(
      try MultipleTesting.benjaminiHochberg(pValues),
      try expected["bh"].numbers,
      within: 1e-12
    )
    #expect(throws: BiostatisticsError.self) { try MultipleTesting.holm([.nan]) }
  }
}
