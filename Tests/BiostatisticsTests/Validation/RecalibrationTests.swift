// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct RecalibrationTests {
  private func check(_ expected: Reference, site: String?) throws {
    let table = try Oracle.table("registry_synth")
    let sites = try table.texts("site")
    let rows = sites.indices.filter { site == nil || sites[$0] == site }
    let outcomes = try table.flags("y")
    let original = try Oracle.file("recalibration_registry")["inputs"]["original_coef"].numbers
    let found = try Recalibration.measure(
      table.design(["t2", "adc", "nlr"]).selecting(rows: rows),
      outcomes: rows.map { outcomes[$0] },
      coefficients: original
    )
    expectClose(
      [
        found.originalDeviance, found.inTheLargeDeviance, found.logisticDeviance,
        found.refit.deviance,
      ],
      try expected["deviance"].numbers(["original", "in_the_large", "logistic_recal", "refit"])
    )
    expectClose(
      [found.inTheLarge.value, found.inTheLarge.standardError],
      try expected["in_the_large"].numbers(["delta", "se"])
    )
    let logistic = try expected["logistic_recal"]
    expectClose(
      [found.logisticIntercept.value, found.logisticSlope.value],
      try logistic.numbers(["intercept", "slope"])
    )
    expectClose(
      [found.logisticIntercept.standardError, found.logisticSlope.standardError],
      try logistic["se"].numbers
    )
    expectClose(found.refit.estimates, try expected["refit"]["coef"].numbers)
    expectClose(found.refit.standardErrors, try expected["refit"]["se"].numbers)
    let tests = try expected["closed_test"]
    for (test, name) in [
      (found.originalTest, "original_vs_refit"), (found.inTheLargeTest, "inlarge_vs_refit"),
      (try #require(found.logisticTest), "recal_vs_refit"),
    ] {
      let values = [test.statistic, try #require(test.degreesOfFreedom), test.p]
      expectClose(values, try tests[name].numbers(["chisq", "df", "p"]))
    }
    let names: [Recalibration.Update: String] = [
      .original: "0 original", .inTheLarge: "1 recalibration in the large",
      .logistic: "2 logistic recalibration", .refit: "3 refit",
    ]
    let chosen = try tests["chosen"].text
    #expect(names[found.chosen]?.prefix(1) == chosen.prefix(1))
  }

  @Test func `all sites together agree with R`() throws {
    try check(Oracle.expected("recalibration_registry")["pooled"], site: nil)
  }

  @Test func `each site agrees with R`() throws {
    for expected in try Oracle.expected("recalibration_registry")["by_site"].list {
      try check(expected, site: expected["site"].text)
    }
  }

  @Test func `updated coefficients reproduce the updated predictor`() throws {
    let table = try Oracle.table("registry_synth")
    let design = try table.design(["t2", "adc", "nlr"])
    let outcomes = try table.flags("y")
    let original = [-0.35, 2.2, -1.7, -1.8]
    let found = try Recalibration.measure(design, outcomes: outcomes, coefficients: original)
    let updated = found.coefficients(.logistic, original: original)
    let again = try Recalibration.measure(design, outcomes: outcomes, coefficients: updated)
    #expect(isClose(again.logisticSlope.value, 1))
    #expect(abs(again.inTheLarge.value) < 1e-9)
    #expect(found.coefficients(.original, original: original) == original)
  }

  @Test func `hostile input is refused`() throws {
    let design = try DesignMatrix(columnNames: ["x"], columns: [[0, 1, 0, 1]])
    let outcomes = [true, true, false, false]
    #expect(throws: BiostatisticsError.countsDiffer(expected: 2, found: 1)) {
      try Recalibration.measure(design, outcomes: outcomes, coefficients: [1])
    }
    #expect(throws: BiostatisticsError.notFinite(input: "coefficients", position: 1)) {
      try Recalibration.measure(design, outcomes: outcomes, coefficients: [1, .nan])
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "level", value: 1)) {
      try Recalibration.measure(design, outcomes: outcomes, coefficients: [1, 1], level: 1)
    }
  }
}
