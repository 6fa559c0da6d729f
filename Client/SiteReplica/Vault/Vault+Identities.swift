// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
public import Replication

extension Vault {
  private static let insertPatient =
    "INSERT INTO vault_patient (patient, mrn_index) VALUES (?, ?)"
  private static let selectByMRN =
    "SELECT patient FROM vault_patient WHERE mrn_index = ? ORDER BY patient"
  private static let selectByMRNWithFields = """
    SELECT vault_patient.patient, field, sealed FROM vault_patient
      LEFT JOIN vault_field ON vault_field.patient = vault_patient.patient
    WHERE mrn_index = ? ORDER BY vault_patient.patient, field
    """
  private static let selectFields =
    "SELECT field, sealed FROM vault_field WHERE patient = ? ORDER BY field"
  private static let selectAll =
    "SELECT patient, field, sealed FROM vault_field ORDER BY patient, field"
  private static let keepFormer = """
    INSERT INTO vault_former (patient, field, key_version, sealed)
    SELECT patient, field, key_version, sealed FROM vault_field WHERE patient = ? AND field = ?
    """
  private static let upsertField = """
    INSERT OR REPLACE INTO vault_field (patient, field, key_version, sealed) VALUES (?, ?, ?, ?)
    """

  /// The patients registered under a record number, the smallest id first; usually one or none.
  public func patients(mrn: String) throws(VaultError) -> [PatientID] {
    let index = index(of: mrn)
    return try Self.readStatements(database) { database in
      let statement = try database.cachedStatement(sql: Self.selectByMRN)
      statement.setUncheckedArguments([index])
      return try Data.fetchAll(statement)
        .compactMap { PatientID(bytes: $0) }
    }
  }

  /// The registrations under a record number, by rising id, and the identity of the first.
  func registrations(mrn: String) throws(VaultError) -> NumberedRegistrations {
    let index = index(of: mrn)
    var ids: [PatientID] = []
    var sealed: [(field: String, box: Data)] = []
    try Self.readStatements(database) { database in
      let statement = try DirectStatement(Self.selectByMRNWithFields, in: database)
      try statement.forEach(.data(index)) { row in
        guard let patient = row.identifier(0) as PatientID? else { return }
        if ids.last != patient { ids.append(patient) }
        guard ids.count == 1 else { return }
        if !row.isNull(1) { sealed.append((row.text(1), Data(row.bytes(2)))) }
      }
    }
    guard let first = ids.first else { return NumberedRegistrations(first: nil, ids: []) }
    return NumberedRegistrations(first: try open(sealed, of: first), ids: ids)
  }

  /// One patient's identity; nil when the vault does not know the patient.
  public func identity(of patient: PatientID) throws(VaultError) -> Identity? {
    var sealed: [(field: String, box: Data)] = []
    try Self.readStatements(database) { database in
      let statement = try DirectStatement(Self.selectFields, in: database)
      try statement.forEach(.identifier(patient)) { row in
        sealed.append((row.text(0), Data(row.bytes(1))))
      }
    }
    return sealed.isEmpty ? nil : try open(sealed, of: patient)
  }

  private func open(
    _ sealed: [(field: String, box: Data)],
    of patient: PatientID
  ) throws(VaultError) -> Identity {
    let key = Data(patient.bytes)
    var identity = Identity(patient: patient, fields: [:], roles: roles)
    for (field, box) in sealed {
      identity.fields[field] = try open(box, patient: key, field: field)
    }
    return identity
  }

  /// Every identity in the vault, by patient id.
  public func identities() throws(VaultError) -> [PatientID: Identity] {
    let rows = try Self.read(database) { database in
      try Row.fetchAll(database, sql: Self.selectAll).map { row in
        (patient: row[0] as Data, field: row[1] as String, sealed: row[2] as Data)
      }
    }
    var identities: [PatientID: Identity] = [:]
    for row in rows {
      guard let patient = PatientID(bytes: row.patient) else { throw .damaged(field: row.field) }
      identities[patient, default: Identity(patient: patient, fields: [:], roles: roles)].fields[
        row.field
      ] =
        try open(row.sealed, patient: row.patient, field: row.field)
    }
    return identities
  }

  /// Writes identity fields in one transaction; earlier values are kept as former ones.
  ///
  /// - Parameters:
  ///   - changes: New patients with all their fields, or known ones with the changed fields.
  ///   - generator: Draws nonces; a cryptographic one outside tests.
  /// - Throws: `VaultError`; nothing is written then.
  public func save(
    _ changes: [Identity],
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) {
    var sealed: [(patient: Data, mrn: Data?, fields: [(name: String, box: Data)])] = []
    for change in changes {
      let key = Data(change.patient.bytes)
      var fields: [(name: String, box: Data)] = []
      for (name, value) in change.fields.sorted(by: { $0.key < $1.key }) {
        let box = try cipher.seal(
          IdentityCodec.encode(value),
          at: place(key, name),
          using: &generator
        )
        fields.append((name, box))
      }
      sealed.append((key, change.mrn.map(index), fields))
    }
    let version = cipher.keyVersion
    try Self.run(database) { database in
      let insert = try database.makeStatement(sql: Self.insertPatient)
      let former = try database.makeStatement(sql: Self.keepFormer)
      let upsert = try database.makeStatement(sql: Self.upsertField)
      let settled = try database.makeStatement(sql: Self.deleteDiffering)
      for entry in sealed {
        if let mrn = entry.mrn { try insert.execute(arguments: [entry.patient, mrn]) }
        for field in entry.fields {
          try former.execute(arguments: [entry.patient, field.name])
          try settled.execute(arguments: [entry.patient, field.name])
          try upsert.execute(arguments: [entry.patient, field.name, version, field.box])
        }
      }
    }
  }

  private func open(
    _ sealed: Data,
    patient: Data,
    field: String
  ) throws(VaultError)
    -> EnteredValue
  {
    let bytes = try cipher.open(sealed, at: place(patient, field))
    guard let value = IdentityCodec.decode(bytes) else { throw .damaged(field: field) }
    return value
  }

  func place(_ patient: Data, _ field: String) -> VaultCipher.Place {
    VaultCipher.Place(table: "vault_field", row: patient, column: field)
  }
}

/// The registrations under one record number.
struct NumberedRegistrations: Sendable {
  /// The identity of the smallest id; nil when the number is not known.
  let first: Identity?
  /// All of them by rising id.
  let ids: [PatientID]
}
