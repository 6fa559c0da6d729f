// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
public import Registry
import RegistryDatabase
public import Replication
public import RiskModel

/// The model release in use, and where it comes from.
public struct ActiveModel: Sendable {
  /// The release.
  public let release: ModelRelease
  /// Whether the centre's keys signed it; false for the study's own first release, which is
  /// embedded in the program and used until a signed one arrives.
  public let isSigned: Bool
}

extension SiteStore {
  private static let selectModel = "SELECT release FROM site_model WHERE version = ?"

  /// The model release in use: the newest signed one, else the study's embedded first release.
  public func activeModel() throws(SiteReplicaError) -> ActiveModel {
    let payload = try read { database in
      let version = try signedModelVersion(in: database)
      return try Data.fetchOne(
        database,
        sql: Self.selectModel,
        arguments: [Int64(clamping: version)]
      )
    }
    guard let payload else { return try Self.embeddedModel(study) }
    do throws(RiskModelError) {
      return ActiveModel(release: try ModelRelease.decode(payload), isSigned: true)
    } catch {
      throw .storeDamaged("model release")
    }
  }

  /// The study's first release, for scoring without a store.
  public static func embeddedModel(_ study: Study) throws(SiteReplicaError) -> ActiveModel {
    do throws(RiskModelError) {
      return ActiveModel(
        release: try ModelRelease.decode(Data(study.seedModelBytes)),
        isSigned: false
      )
    } catch {
      throw .storeDamaged("embedded model")
    }
  }

  /// The version of the newest signed release; 0 before the first.
  func signedModelVersion(in database: Database) throws -> UInt64 {
    try StoreMeta.integer(.modelVersion, in: database).map { UInt64(clamping: $0) } ?? 0
  }

  /// The version of the newest signed release; 0 before the first.
  package func signedModelVersion() throws(SiteReplicaError) -> UInt64 {
    try read { try signedModelVersion(in: $0) }
  }

  /// The version of the release in use.
  func modelVersion(in database: Database) throws -> UInt64 {
    let signed = try signedModelVersion(in: database)
    return signed > 0 ? signed : try Self.embeddedModel(study).release.version
  }

  /// The predicted risk of a patient from what is recorded.
  ///
  /// - Throws: `SiteReplicaError.predictorsMissing` naming the columns that are not there, or are
  ///   stated to be missing.
  public func score(
    _ patient: PatientID,
    with model: ActiveModel
  ) throws(SiteReplicaError) -> Score {
    let rows = try read { try unitedRecord(of: patient, in: $0).rows }
    let row = CutRowBuilder.row(patient: patient, site: site, rows: rows, study: study)
    var inputs: [String: Double] = [:]
    for column in model.release.inputColumns { inputs[column] = row.number(column) }
    return try Self.score(inputs, with: model)
  }

  /// Whether the value of a predictor, or of what it is computed from, is in conflict.
  public func hasConflict(_ patient: PatientID) throws(SiteReplicaError) -> Bool {
    let rows = try read { try unitedRecord(of: patient, in: $0).rows }
    return CutRowBuilder.row(patient: patient, site: site, rows: rows, study: study).hasConflict
  }

  /// The predicted risk from typed inputs.
  public static func score(
    _ inputs: [String: Double],
    with model: ActiveModel
  ) throws(SiteReplicaError) -> Score {
    do throws(RiskModelError) {
      return try Scorer(model.release).score(inputs)
    } catch {
      switch error {
      case .missingInputs(let columns): throw .predictorsMissing(columns)
      case .implausibleInputs(let columns):
        throw .notScorable(reason: columns.joined(separator: ", "))
      default: throw .storeDamaged("model release")
      }
    }
  }
}
