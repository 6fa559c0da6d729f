// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel
import Testing

@testable import PooledAnalysis

/// A multicentre set of another disease, analysed by a plan alone.
///
/// References: R 4.2.2, metafor 3.8.1, pROC 1.18.0 (`iecv_dvt`).
@Suite struct OtherDiseaseTests {
  static let plan = """
    {"name": "dvt", "outcome_column": "dvt", "site_column": "study",
     "predictors": [{"column": "malign"}, {"column": "surg"}, {"column": "notraum"},
       {"column": "vein"}, {"column": "calfdif3"}, {"column": "sex"}],
     "choice": {"events_per_parameter": 0, "otherwise": "maximum_likelihood", "small": "firth",
       "small_without_development": "firth"},
     "bootstrap": {"samples": 5, "seed": 1}}
    """

  static let report = Result { try analyze(plan) }

  static func analyze(_ plan: String, csv: Data? = nil) throws -> AnalysisReport {
    let plan = try AnalysisPlan.decode(Data(plan.utf8))
    let rows = try PooledRows.fromCSV(
      csv ?? Practice.bytes("../../BiostatisticsTests/Oracle/data/DVTipd.csv"),
      study: Practice.study.get(),
      plan: plan
    )
    return try Analysis.analyze(rows, plan: plan, release: Practice.release())
  }

  static func expected() throws -> [String: Any] {
    let bytes = try Practice.bytes("../../BiostatisticsTests/Oracle/iecv_dvt.json")
    let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    return object?["expected"] as? [String: Any] ?? [:]
  }

  @Test func `every left-out site has the reference's figures`() throws {
    let cross = try #require(try Self.report.get().refit.crossValidation)
    let sites = try #require(try Self.expected()["by_site"] as? [[String: Any]])
    #expect(cross.bySite.compactMap(\.site) == sites.compactMap { $0["left_out"] as? String })
    for (own, reference) in zip(cross.bySite, sites) {
      let found = own.performance
      #expect(found.n == reference["n"] as? Int)
      let pairs: [(Double?, String)] = [
        (found.auc?.estimate, "auc"), (found.auc?.se, "auc_se"),
        (found.calibration?.slope, "slope"), (found.calibration?.slopeSE, "slope_se"),
        (found.calibration?.intercept, "citl"), (found.brier, "brier"),
      ]
      for (value, key) in pairs {
        #expect(Practice.isClose(value, try #require(reference[key] as? Double), 1e-8), "\(key)")
      }
      let coefficients = try #require(reference["coef"] as? [String: Double])
      let model = try #require(cross.coefficients[own.site ?? ""])
      let terms = ["(Intercept)", "malign", "surg", "notraum", "vein", "calfdif3", "sex"]
      for (value, term) in zip(model, terms) {
        #expect(Practice.isClose(value, try #require(coefficients[term]), 1e-8), "\(term)")
      }
    }
  }

  @Test func `every pooled figure is the reference's`() throws {
    let report = try Self.report.get()
    let reference = try #require(try Self.expected()["pooled"] as? [String: [String: Any]])
    for pooled in [report.validation.pooled, try #require(report.refit.crossValidation).pooled] {
      let pairs = [
        (pooled.auc, "logit_auc"), (pooled.slope, "slope"), (pooled.citl, "citl"),
        (pooled.oe, "log_oe"),
      ]
      for (own, key) in pairs {
        let own = try #require(own)
        let expected = try #require(reference[key]?["REML_knha"] as? [String: Any])
        let values = [
          (own.mu, "mu"), (own.se, "se"), (own.muLow, "ci_lower"), (own.muHigh, "ci_upper"),
          (own.tau2, "tau2"), (100 * own.i2, "I2"),
        ]
        for (value, name) in values {
          let other = try #require(expected[name] as? Double)
          #expect(abs(value - other) < 1e-6, "\(key) \(name)")
        }
      }
    }
  }

  @Test func `a release for another disease is no incumbent`() throws {
    let report = try Self.report.get()
    #expect(report.validation.population == "left_out")
    #expect(report.refit.incumbent == nil)
    #expect(report.refit.gate.isEmpty)
  }

  /// Sites as numbers, one of them without events and one without a name; codes as predictors,
  /// gaps, large scales, and a column that the study knows with other codes.
  private func hostile() -> Data {
    var random = SplitMix64(seed: 7)
    var lines = ["trial,sex,stage,dose,age,died"]
    for row in 0..<900 {
      let site = row % 9 == 8 ? "" : "\(1000 + row % 9)"
      let stage = ["I", "II", "III", "NA"][random.next(below: 4)]
      let dose = 100_000 + 1000 * random.next(below: 500)
      let isEvent = row % 9 != 3 && random.next(below: 10) < (stage == "III" ? 6 : 3)
      let age = random.next(below: 5) == 0 ? "" : "\(40 + random.next(below: 40)).5"
      lines.append("\(site),\(row % 2),\(stage),\(dose),\(age),\(isEvent ? "yes" : "no")")
    }
    return Data(lines.joined(separator: "\n").utf8)
  }

  @Test func `codes, gaps, numbered sites and sites without events are analysed`() throws {
    let plan = """
      {"name": "other", "outcome_column": "died", "site_column": "trial",
       "indicators": [{"column": "stage_2", "of": "stage", "equals": ["II"]},
         {"column": "stage_3", "of": "stage", "equals": ["III"]}],
       "predictors": [{"column": "sex"}, {"column": "stage_2"}, {"column": "stage_3"},
         {"column": "dose"}, {"column": "age"}],
       "bootstrap": {"samples": 5, "seed": 1}}
      """
    let report = try Self.analyze(plan, csv: hostile())
    let cross = try #require(report.refit.crossValidation)
    #expect(cross.bySite.count == 9)
    #expect(cross.bySite.contains { $0.site == "1003" && $0.isSmall })
    #expect(cross.pooled.auc?.sites == 8)
    #expect(report.refit.flow.missingPredictor > 200)
    let model = try #require(report.refit.models["maximum_likelihood"])
    #expect(model.coefficients.map(\.term) == ["sex", "stage_2", "stage_3", "dose", "age"])
  }

  @Test func `an outcome may be written in codes`() throws {
    let plan = """
      {"name": "other", "outcome_column": "died", "site_column": "trial",
       "outcome_values": {"events": ["dead"], "nonevents": ["alive"]},
       "predictors": [{"column": "x"}], "bootstrap": {"samples": 0, "seed": 1}}
      """
    let cells = (0..<60).map { "\($0 % 3),\($0 % 7),\($0 % 5 < 2 ? "dead" : "alive")" }
    let csv = Data((["trial,x,died"] + cells + ["1,2,lost"]).joined(separator: "\n").utf8)
    let report = try Self.analyze(plan, csv: csv)
    #expect(report.refit.flow.missingOutcome == 1)
    #expect(report.summary.performance.events == 24)
  }
}
