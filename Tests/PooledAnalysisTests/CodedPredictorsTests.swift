// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PooledAnalysis

@Suite struct CodedPredictorsTests {
  private let plan = """
    {"name": "other", "outcome_column": "died", "site_column": "name",
     "predictors": [{"column": "motor"}, {"column": "sex"}, {"column": "age"}],
     "bootstrap": {"samples": 5, "seed": 1}}
    """

  /// Study names with spaces, codes of which some are numbers, Windows line ends, a byte order mark.
  private func file(age: (Int) -> String = { "\(30 + $0 % 40)" }) -> Data {
    let motor = ["1/2", "3", "4", "5/6"]
    let rows = (0..<600).map { row in
      let isEvent = (row * 7 + row / 3) % (row % 4 == 0 ? 2 : 5) == 0
      return "\"HIT \(row % 3)\",\(motor[row % 4]),\(row % 7 < 3 ? "male" : "female"),"
        + "\(age(row)),\(isEvent ? "TRUE" : "FALSE")"
    }
    let text = (["name,motor,sex,age,died"] + rows).joined(separator: "\r\n")
    return Data([0xEF, 0xBB, 0xBF] + Array(text.utf8))
  }

  private func analyze(_ csv: Data, _ plan: String? = nil) throws -> AnalysisReport {
    try OtherDiseaseTests.analyze(plan ?? self.plan, csv: csv)
  }

  @Test func `a predictor of codes becomes one term for each code but the first`() throws {
    let report = try analyze(file())
    let model = try #require(report.refit.models["maximum_likelihood"])
    #expect(
      model.coefficients.map(\.term) == ["motor=3", "motor=4", "motor=5/6", "sex=male", "age"]
    )
    #expect(report.refit.sites == ["HIT 0", "HIT 1", "HIT 2"])
    #expect(report.refit.flow.complete == 600)
  }

  @Test func `terms of codes have the figures of indicators`() throws {
    let asIndicators = """
      {"name": "other", "outcome_column": "died", "site_column": "name",
       "indicators": [{"column": "m3", "of": "motor", "equals": ["3"]},
         {"column": "m4", "of": "motor", "equals": ["4"]},
         {"column": "m5", "of": "motor", "equals": ["5/6"]},
         {"column": "male", "of": "sex", "equals": ["male"]}],
       "predictors": [{"column": "m3"}, {"column": "m4"}, {"column": "m5"}, {"column": "male"},
         {"column": "age"}],
       "bootstrap": {"samples": 5, "seed": 1}}
      """
    let own = try #require(analyze(file()).refit.crossValidation)
    let other = try #require(analyze(file(), asIndicators).refit.crossValidation)
    #expect(own.coefficients == other.coefficients)
    #expect(own.pooled == other.pooled)
  }

  @Test func `decimal commas are refused by column and row`() throws {
    let text = file { $0 == 4 ? "\"33,5\"" : "30" }
    #expect(throws: PooledAnalysisError.decimalComma(column: "age", row: 5)) {
      try analyze(text)
    }
  }

  @Test func `a measured column with text is refused by column and row`() throws {
    let text = file { $0 == 9 ? "unknown" : "\(30 + $0 % 40)" }
    #expect(throws: PooledAnalysisError.notNumeric(column: "age", row: 10)) {
      try analyze(text)
    }
  }

  @Test func `an outcome in unknown codes is refused, not taken for missing`() throws {
    let text = String(decoding: file(), as: UTF8.self).replacing("TRUE", with: "dead")
    #expect(throws: PooledAnalysisError.self) { try analyze(Data(text.utf8)) }
  }

  @Test func `semicolons, repeated columns and empty files are named`() {
    let cases: [(String, PooledAnalysisError)] = [
      ("name;motor\na;3\n", .otherSeparator(";")), ("a,a\n1,2\n", .columnRepeated("a")),
      ("a,b\n", .noRows), ("", .noRows), ("a,b\n\"1,2\n", .malformedCSV(row: 1)),
    ]
    for (text, error) in cases {
      #expect(throws: error, "\(text)") { try analyze(Data(text.utf8)) }
    }
    #expect(throws: PooledAnalysisError.notUTF8) { try analyze(Data([0x61, 0x0A, 0xFC, 0x0A])) }
  }
}
