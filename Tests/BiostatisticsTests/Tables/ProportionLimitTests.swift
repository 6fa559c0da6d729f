// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct ProportionLimitTests {
  @Test func `all limits agree with R`() throws {
    let results = try Oracle.expected("proportion_ci")["results"].list
    #expect(results.count >= 7)
    for expected in results {
      try check(
        Proportion(successes: Int(expected["x"].number), total: Int(expected["n"].number)),
        expected
      )
    }
  }

  @Test(arguments: ["sensitivity", "specificity", "ppv", "npv", "accuracy"])
  func `the proportions of a diagnostic table agree`(key: String) throws {
    let expected = try Oracle.expected("diag2x2_seed")
    let table = ClassificationTable(
      truePositives: 29,
      falsePositives: 3,
      falseNegatives: 17,
      trueNegatives: 29
    )
    let found: [String: Proportion?] = [
      "sensitivity": table.sensitivity, "specificity": table.specificity,
      "ppv": table.positivePredictiveValue, "npv": table.negativePredictiveValue,
      "accuracy": table.accuracy,
    ]
    try check(#require(found[key] ?? nil), try expected[key])
    expectClose(
      [table.f1Score, table.matthewsCorrelation, table.youdenIndex].compactMap { $0 },
      try expected.numbers(["f1", "mcc", "youden"]),
      within: 1e-12
    )
  }

  private func check(_ found: Proportion, _ expected: Reference) throws {
    let limits: [(String, Interval)] = [
      ("wilson", try found.wilson()), ("wilson_cc", try found.wilsonCorrected()),
      ("clopper_pearson", try found.clopperPearson()),
      ("agresti_coull", try found.agrestiCoull()), ("jeffreys", try found.jeffreys()),
      ("wald", try found.wald()), ("hmisc_wilson", try found.wilsonModified()),
    ]
    for (key, interval) in limits {
      expectClose(
        [interval.low, interval.high],
        try expected[key].numbers(["lower", "upper"]),
        within: 1e-10
      )
    }
  }

  @Test func `measures of a table with empty margins are unknown`() {
    let table = ClassificationTable(
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 0,
      trueNegatives: 4
    )
    #expect(table.f1Score == nil && table.matthewsCorrelation == nil && table.youdenIndex == nil)
  }
}
