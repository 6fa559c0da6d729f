// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel

@testable import PooledAnalysis

/// The five practice hospitals and what an independent program found in them (Python 3, numpy).
enum Practice {
  static let hospitals = ["han", "north", "coast", "river", "hill"]

  static let study = Result { try Study.embedded() }

  /// A file of this suite, or one of those that several suites share.
  static func bytes(_ name: String, file: String = #filePath) throws -> Data {
    let suite = URL(filePath: file).deletingLastPathComponent()
    let folders = [
      suite.appending(path: "Fixtures"), suite.appending(path: "../Fixtures"),
      suite.appending(path: "../Fixtures/Hospitals"),
    ]
    let urls = folders.map { $0.appending(path: name).standardizedFileURL }
    let found = urls.first { FileManager.default.fileExists(atPath: $0.path()) }
    return try Data(contentsOf: found ?? urls[0])
  }

  /// The embedded plan with few resamples and no screening, which a debug build does in a second.
  static func plan(_ change: (inout [String: Any]) -> Void = { _ in }) throws -> AnalysisPlan {
    let bytes = Data(try study.get().planBytes)
    var object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
    object["bootstrap"] = ["samples": 10, "seed": 1]
    object["imputations"] = 2
    object["screening"] = nil
    var gate = object["gate"] as? [String: Any]
    var veto = gate?["net_benefit"] as? [String: Any]
    veto?["samples"] = 100
    gate?["net_benefit"] = veto
    object["gate"] = gate
    change(&object)
    return try AnalysisPlan.decode(JSONSerialization.data(withJSONObject: object))
  }

  static func release() throws -> ModelRelease {
    try ModelRelease.decode(Data(study.get().seedModelBytes))
  }

  /// The rows of some hospitals, each row with its hospital as site.
  static func rows(
    _ names: [String] = hospitals,
    plan: AnalysisPlan? = nil
  ) throws -> PooledRows {
    let plan = try plan ?? Self.plan()
    let rows = try names.flatMap { name in
      try PooledRows.fromCSV(bytes("\(name).csv"), study: study.get(), plan: plan).rows.map {
        AnalysisRow(patient: "\(name) \($0.patient)", site: name, values: $0.values)
      }
    }
    return PooledRows(rows: rows)
  }

  /// What `practice_expected.json` says of a hospital, or of `external rows`.
  struct Expected: Decodable {
    let patients, complete, events: Int
    let auc, slope, citl, brier: Double
    let slopeSE, citlSE, oe: Double

    enum CodingKeys: String, CodingKey {
      case patients, complete, events, auc, slope, citl, brier
      case slopeSE = "slope_se"
      case citlSE = "citl_se"
      case oe = "o_e"
    }
  }

  /// What `practice_expected.json` says of a refit.
  struct ExpectedRefit: Decodable {
    let n: Int
    let coefficients, se: [Double]
    let auc: Double
  }

  /// Intercept and coefficients of Firth's fit to the recovered cohort (logistf 1.26.1).
  static func firth() throws -> [Double] {
    let object = try JSONSerialization.jsonObject(with: bytes("firth_seed.json"))
    let expected = (object as? [String: Any])?["expected"] as? [String: Any]
    let coefficients = expected?["coef"] as? [String: Double] ?? [:]
    let names = ["(Intercept)", "t2sir_ge_1418", "adcmean_ge_1085", "nlr_ge_441"]
    return names.compactMap { coefficients[$0] }
  }

  static func expected<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let object = try JSONSerialization.jsonObject(with: bytes("practice_expected.json"))
    let part = (object as? [String: Any])?[name] ?? [:]
    return try JSONDecoder().decode(T.self, from: JSONSerialization.data(withJSONObject: part))
  }

  static func isClose(_ value: Double?, _ reference: Double, _ tolerance: Double) -> Bool {
    value.map { abs($0 - reference) <= tolerance } ?? false
  }
}
