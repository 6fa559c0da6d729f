// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import GRDB
public import Registry
import RegistryDatabase
public import Replication

/// What an erasure at this device did.
public struct ErasureReport: Sendable, Equatable {
  /// The registrations of the patient: random ids, which are all that is left.
  public let registrations: [PatientID]
  /// Sealed batches of this store that lack something now.
  public let redactedBatches: Int
  /// Entries of the audit trail whose details are gone.
  public let auditEntries: Int
  /// Whether the bytes are gone from the files too; else the next command tries again.
  public let isFinished: Bool
}

/// What an erasure would take.
public struct ErasurePreview: Sendable, Equatable {
  /// The registrations of the patient.
  public let registrations: [PatientID]
  /// Fields with a value.
  public let values: Int
}

extension SiteStore {
  private static let selectUnsettled = """
    SELECT patient FROM head_patient WHERE is_erased = 1
      AND NOT EXISTS (SELECT 1 FROM site_erasure WHERE site_erasure.patient = head_patient.patient)
    ORDER BY patient
    """
  private static let insertSettled = "INSERT INTO site_erasure (patient, at) VALUES (?, ?)"

  /// The reasons for which a patient is erased by law.
  public static let erasureReasons: [ChangeReason] = [
    .erasureRequest, .erasureOrder, .erasureUnlawful,
  ]

  /// Says what an erasure would take, and takes nothing.
  public func previewErasure(
    mrn: String,
    vault: Vault
  ) throws(SiteReplicaError) -> ErasurePreview {
    let patient = try patient(mrn: mrn, vault: vault)
    return try read { database in
      let record = try unitedRecord(of: patient, in: database)
      return ErasurePreview(
        registrations: record.registrations,
        values: record.rows.values.reduce(0) { $0 + $1.count }
      )
    }
  }

  /// Erases a patient by law: every value, everywhere, for good.
  ///
  /// All registrations of the patient are marked as erased by one ordinary change, which travels
  /// like any other; whoever takes it in erases what it has. Here it is done when this returns: the
  /// heads, the changes in the log and those not yet sealed, the details of the audit trail, and the
  /// identity in the vault. What others write of the patient later is dropped where the mark is.
  ///
  /// - Parameters:
  ///   - mrn: The record number, or the patient id in hexadecimal.
  ///   - reason: One of `erasureReasons`; its code travels.
  ///   - vault: Where the identity is.
  ///   - actor: Who erases, and when, for the audit trail.
  /// - Returns: What was erased here.
  /// - Throws: `SiteReplicaError`; nothing is erased then.
  @discardableResult
  public func erase(
    mrn: String,
    reason: ChangeReason,
    vault: Vault,
    actor: Actor
  ) throws(SiteReplicaError) -> ErasureReport {
    guard Self.erasureReasons.contains(reason) else {
      throw .notDeidentifiable(reason: "\(reason.rawValue) is no reason to erase a patient")
    }
    let patient = try patient(mrn: mrn, vault: vault)
    let report = try write { database in
      let record = try unitedRecord(of: patient, in: database)
      let before = try tables.redactedBatches(in: database)
      let mark = deidentifier.erasure().value
      let erased = Set(try tables.erasedPatients(in: database))
      let registrations = record.registrations.filter { !erased.contains($0) }
      guard !registrations.isEmpty else { throw SiteReplicaError.patientErased }
      var author = try ChangesetAuthor(self, in: database)
      try author.save(
        registrations.map { FieldWrite(address: .erasure(of: $0), value: mark) },
        of: record,
        reason: reason,
        action: .erasure,
        by: actor
      )
      try author.finish()
      let entries = try settleErasures(by: actor, in: database)
      return (registrations, try tables.redactedBatches(in: database) - before, entries)
    }
    try purge(vault)
    return ErasureReport(
      registrations: report.0,
      redactedBatches: report.1,
      auditEntries: report.2,
      isFinished: try finishErasures()
    )
  }

  /// Erases what the audit trail has of patients whose mark of erasure has come.
  ///
  /// - Returns: How many entries lost their details.
  @discardableResult
  func settleErasures(by actor: Actor, in database: Database) throws -> Int {
    let patients = try Data.fetchAll(database, sql: Self.selectUnsettled)
      .compactMap { PatientID(bytes: $0) }
    guard !patients.isEmpty else { return 0 }
    var trail = try AuditTrail(database)
    let entries = try trail.erase(patients, by: actor)
    for patient in patients {
      try database.execute(
        sql: Self.insertSettled,
        arguments: [Data(patient.bytes), actor.now]
      )
    }
    try StoreMeta.set(.erasureDue, "1", in: database)
    return entries
  }

  /// Erases identities, and writes the files anew so that no erased byte is left in them.
  ///
  /// - Returns: Whether nothing is left to do; a file in use is tried again by the next command.
  /// - Throws: `SiteReplicaError` when the store cannot be read.
  @discardableResult
  public func finishErasures() throws(SiteReplicaError) -> Bool {
    guard try read({ try StoreMeta.data(.erasureDue, in: $0) }) != nil else { return true }
    let erased = try read { try tables.erasedPatients(in: $0) }
    let path = Self.vaultPath(folder: folder)
    do {
      if FileManager.default.fileExists(atPath: path) {
        let vault = try RegistryDatabase.open(path: path, migrations: ["vault"])
        _ = try vault.write { try Vault.purge(erased, in: $0) }
        try vault.compact()
      }
      try database.compact()
    } catch {
      return false
    }
    try write { try StoreMeta.remove(.erasureDue, in: $0) }
    return true
  }

  /// Erases the identities of erased patients from an open vault, wherever they came from.
  func purge(_ vault: Vault) throws(SiteReplicaError) {
    let erased = try read { try tables.erasedPatients(in: $0) }
    guard !erased.isEmpty else { return }
    try write { database in
      let hasPurged = try vault.purge(erased)
      if hasPurged { try StoreMeta.set(.erasureDue, "1", in: database) }
      try dropTokens(without: try vault.stagedTokens(), in: database)
    }
    try? vault.database.compact()
  }

  private static let selectTokens = "SELECT token FROM site_identity_token"
  private static let deleteToken = "DELETE FROM site_identity_token WHERE token = ?"

  /// Forgets tokens of corrections that the vault no longer has.
  private func dropTokens(without staged: [Data], in database: Database) throws {
    for token in try Data.fetchAll(database, sql: Self.selectTokens) where !staged.contains(token) {
      try database.execute(sql: Self.deleteToken, arguments: [token])
    }
  }
}
