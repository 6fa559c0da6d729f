// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct AnalysisPlanTests {
  private func altered(_ change: (inout [String: Any]) -> Void) throws -> Data {
    let bytes = Data(try Practice.study.get().planBytes)
    var object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
    change(&object)
    return try JSONSerialization.data(withJSONObject: object)
  }

  @Test func `the embedded plan has the release's predictors`() throws {
    #expect(try Practice.plan().predictors == Practice.release().predictors)
  }

  @Test func `the published cohort has 78 patients and 46 events`() throws {
    let cohort = try #require(try Practice.plan().publishedCohort)
    #expect(cohort.patterns.reduce(0) { $0 + $1.n } == 78)
    #expect(cohort.patterns.reduce(0) { $0 + $1.events } == 46)
    #expect(cohort.terms == (try Practice.plan().termNames))
  }

  @Test func `a missing key is named`() throws {
    let bytes = try altered { $0["predictors"] = nil }
    #expect(throws: PooledAnalysisError.malformedPlan("predictors")) {
      try AnalysisPlan.decode(bytes)
    }
  }

  @Test func `a comparator of unknown columns is refused`() throws {
    let bytes = try altered { $0["comparators"] = [["name": "x", "columns": ["unknown"]]] }
    #expect(throws: PooledAnalysisError.planInconsistent("comparators")) {
      try AnalysisPlan.decode(bytes)
    }
  }

  @Test func `a gate whose limits cannot be used is refused by name`() throws {
    let bytes = try altered { object in
      var gate = object["gate"] as? [String: Any]
      gate?["improvement"] = ["confidence": 98, "below": 0]
      object["gate"] = gate
    }
    #expect(throws: PooledAnalysisError.planInconsistent("gate.improvement")) {
      try AnalysisPlan.decode(bytes)
    }
  }

  @Test func `a name, predictors and an outcome column make a plan`() throws {
    let text =
      #"{"name": "x", "outcome_column": "y", "site_column": "s", "predictors": [{"column": "a"}]}"#
    let plan = try AnalysisPlan.decode(Data(text.utf8))
    #expect(plan.termNames == ["a"])
    #expect(plan.gate == nil)
  }

  @Test func `another cut-off rule is refused`() throws {
    let bytes = try altered { $0["cutoff_rule"] = "guess" }
    #expect(throws: PooledAnalysisError.planInconsistent("cutoff_rule")) {
      try AnalysisPlan.decode(bytes)
    }
  }

  @Test func `linear 0/1 predictors read a dichotomised file`() throws {
    let columns = ["t2_sir_post_high", "adc_mean_post_high", "nlr_high"]
    let bytes = try altered { object in
      object["predictors"] = columns.map {
        [
          "column": $0, "label": $0, "unit": "1", "transform": ["kind": "linear"], "low": 0,
          "high": 1,
        ] as [String: Any]
      }
      object["dichotomised"] = [String: String]()
      object["comparators"] = [Any]()
      object["comparisons"] = [Any]()
      object["published_cohort"] = nil
    }
    let plan = try AnalysisPlan.decode(bytes)
    let rows = try PooledRows.fromCSV(
      Practice.bytes("han_cohort.csv"),
      study: Practice.study.get(),
      plan: plan
    )
    let report = try ModelRefit.refit(rows, plan: plan, incumbent: Practice.release())
    let model = try #require(report.models["maximum_likelihood"])
    #expect(abs(model.coefficients[0].estimate - 2.16235122882975) < 1e-8)
    #expect(model.coefficients.map(\.term) == columns)
  }
}
