// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct SampleSizeTests {
  @Test func `sizes to develop a model agree with pmsampsize`() throws {
    for expected in try Oracle.expected("pmsampsize_binary")["cases"].list {
      try check(
        expected,
        coxSnell: expected["csrsquared"].number,
        parameters: Int(expected["parameters"].number),
        prevalence: expected["prevalence"].number
      )
    }
  }

  @Test(arguments: [("candidates_43", 43), ("with_3_params", 3), ("with_10_params", 10)])
  func `sizes of the reconstructed cohort agree`(key: String, parameters: Int) throws {
    let cohort = try Oracle.expected("pmsampsize_binary")["seed_cohort"]
    try check(
      cohort[key],
      coxSnell: cohort["adjusted_cs"].number,
      parameters: parameters,
      prevalence: 46.0 / 78
    )
  }

  private func check(
    _ expected: Reference,
    coxSnell: Double,
    parameters: Int,
    prevalence: Double
  ) throws {
    let found = try DevelopmentSampleSize.compute(
      coxSnell: coxSnell,
      parameters: parameters,
      prevalence: prevalence
    )
    #expect(found.patients == Int(try expected["sample_size"].number))
    let criteria = try expected["criteria"].numbers.map { Int($0) }
    #expect(found.criteria + [found.patients] == criteria)
    expectClose(
      [found.shrinkage, found.events, found.largestCoxSnell, found.nagelkerke],
      try expected.numbers(["shrinkage", "events", "max_r2", "nag_r2"]),
      within: 1e-10
    )
    for (value, reference) in zip(found.eventsPerParameter, try expected["epp_table"].numbers) {
      #expect(abs(value - reference) <= 0.005 + 1e-9)
    }
  }

  @Test(arguments: ["case1", "case2"])
  func `sizes to validate a model agree with pmvalsampsize`(key: String) throws {
    let expected = try Oracle.expected("pmvalsampsize_binary")[key]
    let closed = try expected["closed"]
    let prevalence = try expected["prev"].number
    let ratio = try ValidationSampleSize.observedToExpected(
      prevalence: prevalence,
      width: expected["oeciwidth"].number
    )
    #expect(ratio.patients == Int(try closed["oe"]["n"].number))
    expectClose([ratio.standardError], [try closed["oe"]["target_se"].number], within: 1e-10)
    let normal = try expected["lpnormal"].numbers
    let slope = try ValidationSampleSize.slope(
      mean: normal[0],
      deviation: normal[1],
      width: expected["csciwidth"].number
    )
    #expect(slope.patients == Int(try closed["slope"]["n"].number))
    expectClose(
      [slope.information.intercept, slope.information.mixed, slope.information.slope],
      try closed["slope"].numbers(["I00", "I01", "I11"]),
      within: 1e-9
    )
    let concordance = try ValidationSampleSize.concordance(
      c: expected["c"].number,
      prevalence: prevalence,
      width: expected["cstatciwidth"].number
    )
    #expect(concordance == Int(try closed["cstat"]["n"].number))
  }

  @Test func `the size for a net benefit agrees with pmvalsampsize`() throws {
    let expected = try Oracle.expected("pmvalsampsize_binary")["case2"]
    let row = try expected["package"]["table"]["values"].list[3].numbers
    let found = try ValidationSampleSize.netBenefit(
      sensitivity: expected["sens"].number,
      specificity: expected["spec"].number,
      prevalence: expected["prev"].number,
      threshold: expected["threshold"].number,
      width: row[3]
    )
    #expect(found.patients == Int(row[0]))
    #expect(abs(found.standardised - row[1]) < 5e-4)
  }

  @Test func `impossible assumptions are refused`() {
    #expect(throws: BiostatisticsError.outOfRange(parameter: "coxSnell", value: 0.7)) {
      try DevelopmentSampleSize.compute(coxSnell: 0.7, parameters: 3, prevalence: 0.1)
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "prevalence", value: 1)) {
      try ValidationSampleSize.concordance(c: 0.8, prevalence: 1, width: 0.1)
    }
    for width in [0, -1, Double.nan, .infinity, 1e-300] {
      #expect(throws: BiostatisticsError.self) {
        try ValidationSampleSize.slope(mean: 0, deviation: 1, width: width)
      }
      #expect(throws: BiostatisticsError.self) {
        try ValidationSampleSize.observedToExpected(prevalence: .nan, width: width)
      }
    }
  }
}
