// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import Replication

/// Identity values that another device holds otherwise: kept until a person decides.
extension Vault {
  static let upsertDiffering = """
    INSERT OR REPLACE INTO vault_differing (patient, field, key_version, sealed)
    VALUES (?, ?, ?, ?)
    """
  static let deleteDiffering = "DELETE FROM vault_differing WHERE patient = ? AND field = ?"
  static let deleteStagedDiffering = """
    DELETE FROM vault_differing WHERE EXISTS (SELECT 1 FROM vault_staged AS s WHERE s.token = ?
      AND s.patient = vault_differing.patient AND s.field = vault_differing.field)
    """
  private static let selectDiffering =
    "SELECT patient, field, sealed FROM vault_differing ORDER BY patient, field"
  private static let selectFieldsOf =
    "SELECT field FROM vault_differing WHERE patient = ?"

  /// Every identity value that differs between devices, with both.
  public func differing() throws(VaultError) -> [IdentityConflict] {
    let rows = try Self.read(database) { database in
      try Row.fetchAll(database, sql: Self.selectDiffering).map { row in
        (patient: row[0] as Data, field: row[1] as String, sealed: row[2] as Data)
      }
    }
    var found: [IdentityConflict] = []
    for row in rows {
      let place = VaultCipher.Place(table: "vault_differing", row: row.patient, column: row.field)
      guard let patient = PatientID(bytes: row.patient),
        let there = IdentityCodec.decode(try cipher.open(row.sealed, at: place)),
        let here = try identity(of: patient)?.fields[row.field]
      else { throw .damaged(field: row.field) }
      found.append(
        IdentityConflict(patient: patient, field: row.field, here: here, there: there)
      )
    }
    return found
  }

  /// The fields of one patient that wait for a decision.
  func differingFields(of patient: PatientID) throws(VaultError) -> Set<String> {
    try Self.readStatements(database) { database in
      Set(
        try String.fetchAll(
          database,
          sql: Self.selectFieldsOf,
          arguments: [Data(patient.bytes)]
        )
      )
    }
  }

  /// Keeps what differs, and forgets what has come to be the same.
  func keep(
    _ conflicts: [IdentityConflict],
    settled: [(patient: PatientID, field: String)],
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) {
    var rows: [(patient: Data, field: String, box: Data)] = []
    for conflict in conflicts {
      let patient = Data(conflict.patient.bytes)
      let box = try cipher.seal(
        IdentityCodec.encode(conflict.there),
        at: VaultCipher.Place(table: "vault_differing", row: patient, column: conflict.field),
        using: &generator
      )
      rows.append((patient, conflict.field, box))
    }
    guard !rows.isEmpty || !settled.isEmpty else { return }
    let version = cipher.keyVersion
    try Self.run(database) { database in
      for row in rows {
        try database.execute(
          sql: Self.upsertDiffering,
          arguments: [row.patient, row.field, version, row.box]
        )
      }
      for entry in settled {
        try database.execute(
          sql: Self.deleteDiffering,
          arguments: [Data(entry.patient.bytes), entry.field]
        )
      }
    }
  }
}
