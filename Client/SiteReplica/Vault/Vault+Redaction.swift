// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication

/// Identity values that were entered by mistake, and must be gone.
extension Vault {
  /// How many values of a field can be removed: the present one, those before it, and what other
  /// devices call it.
  ///
  /// Of the fields that the study needs, only what stood before goes: they are corrected first.
  ///
  /// - Throws: `VaultError.fieldIsNeeded` when a needed field has only its present value, and
  ///   `.nothingToRedact`.
  func redactable(_ field: String, of patient: PatientID) throws(VaultError) -> Int {
    let key = Data(patient.bytes)
    let tables = tables(of: field)
    let count = try Self.read(database) { database in
      try tables.reduce(0) { sum, table in
        let sql = "SELECT count(*) FROM \(table.rawValue) WHERE patient = ? AND field = ?"
        return sum + (try Int.fetchOne(database, sql: sql, arguments: [key, field]) ?? 0)
      }
    }
    guard count > 0 else {
      throw isNeeded(field) ? .fieldIsNeeded(field) : .nothingToRedact(field: field)
    }
    return count
  }

  /// Removes them; the pages are overwritten and the write-ahead log is emptied.
  func redact(_ field: String, of patient: PatientID) throws(VaultError) {
    let key = Data(patient.bytes)
    let tables = tables(of: field)
    try Self.run(database) { database in
      try database.execute(sql: "PRAGMA secure_delete = ON")
      for table in tables {
        let sql = "DELETE FROM \(table.rawValue) WHERE patient = ? AND field = ?"
        try database.execute(sql: sql, arguments: [key, field])
      }
    }
    do {
      try database.checkpoint()
    } catch {
      throw .unusable(reason: "the write-ahead log could not be emptied")
    }
  }

  private func isNeeded(_ field: String) -> Bool {
    [roles.recordNumber, roles.birthDate, roles.treatmentStart].contains(field)
  }

  private func tables(of field: String) -> [FieldTable] {
    isNeeded(field) ? [.former, .differing] : [.former, .differing, .staged, .present]
  }

  /// The tables that hold values of fields.
  private enum FieldTable: String {
    case present = "vault_field"
    case former = "vault_former"
    case staged = "vault_staged"
    case differing = "vault_differing"
  }
}
