// SPDX-License-Identifier: Apache-2.0

import Foundation
import PooledAnalysis
import Registry
import RiskModel
import SyncProtocol

extension FuzzTarget {
  static func csv(_ bytes: Data) {
    guard let study else { return }
    _ = ImportFile.read(Array(bytes), study: study)
  }

  static func dictionary(_ bytes: Data) {
    _ = try? StudyDictionary.parse(csv: bytes, id: "fuzz", version: "1")
  }

  static func plan(_ bytes: Data) {
    _ = try? AnalysisPlan.decode(bytes)
  }

  static func pooled(_ bytes: Data) {
    guard let study, let plan = try? AnalysisPlan.decode(Data(study.planBytes)) else { return }
    _ = try? PooledRows.fromCSV(bytes, study: study, plan: plan)
  }

  static func envelope(_ bytes: Data) throws(FuzzFinding) {
    guard let envelope = try? Envelope.decode(bytes) else { return }
    guard (try? Envelope.decode(envelope.encoded())) == envelope else {
      throw .changed(.envelope)
    }
    _ = try? TrustedRoot(envelope)
  }

  static func model(_ bytes: Data) throws(FuzzFinding) {
    guard let release = try? ModelRelease.decode(bytes) else { return }
    guard (try? ModelRelease.decode(release.encoded())) == release else { throw .changed(.model) }
    if let scorer = try? Scorer(release) {
      _ = try? scorer.score(
        Dictionary(uniqueKeysWithValues: release.predictors.map { ($0.column, 1) })
      )
    }
  }

  private static let study = try? Study.embedded()
}
