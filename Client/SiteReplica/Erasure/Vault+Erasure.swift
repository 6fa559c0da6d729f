// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Replication

extension Vault {
  private static let deletions = [
    "DELETE FROM vault_field WHERE patient = ?", "DELETE FROM vault_former WHERE patient = ?",
    "DELETE FROM vault_staged WHERE patient = ?", "DELETE FROM vault_differing WHERE patient = ?",
    "DELETE FROM vault_patient WHERE patient = ?",
  ]

  /// Deletes all that the vault has of some patients, earlier and staged values too.
  ///
  /// - Returns: Whether there was anything.
  func purge(_ patients: [PatientID]) throws(VaultError) -> Bool {
    try Self.run(database) { try Self.purge(patients, in: $0) }
  }

  /// The same without a key: rows stand under random ids.
  static func purge(_ patients: [PatientID], in database: Database) throws -> Bool {
    var hasPurged = false
    for patient in patients {
      for deletion in deletions {
        try database.execute(sql: deletion, arguments: [Data(patient.bytes)])
        if database.changesCount > 0 { hasPurged = true }
      }
    }
    return hasPurged
  }
}
