// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Replication

/// Corrections that must happen in the vault and in the store, or in neither.
///
/// The two are files of their own, so no transaction spans them. A correction is staged here, the
/// store commits its values together with the correction's token, and then it is settled here.
/// Whatever interrupts this, the token in the store says which way a staged correction goes.
extension Vault {
  private static let insertStaged = """
    INSERT INTO vault_staged (token, patient, field, key_version, sealed) VALUES (?, ?, ?, ?, ?)
    """
  private static let selectTokens = "SELECT DISTINCT token FROM vault_staged"
  private static let keepFormer = """
    INSERT INTO vault_former (patient, field, key_version, sealed)
    SELECT f.patient, f.field, f.key_version, f.sealed FROM vault_field AS f
    JOIN vault_staged AS s ON s.patient = f.patient AND s.field = f.field WHERE s.token = ?
    """
  private static let settleStaged = """
    INSERT OR REPLACE INTO vault_field (patient, field, key_version, sealed)
    SELECT patient, field, key_version, sealed FROM vault_staged WHERE token = ?
    """
  private static let deleteStaged = "DELETE FROM vault_staged WHERE token = ?"

  /// Writes changes of known patients aside; nobody sees them before they are settled.
  func stage(
    _ changes: [Identity],
    token: Data,
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) {
    var rows: [(patient: Data, field: String, box: Data)] = []
    for change in changes {
      let patient = Data(change.patient.bytes)
      for (field, value) in change.fields.sorted(by: { $0.key < $1.key }) {
        let box = try cipher.seal(
          IdentityCodec.encode(value),
          at: place(patient, field),
          using: &generator
        )
        rows.append((patient, field, box))
      }
    }
    let version = cipher.keyVersion
    try Self.run(database) { database in
      for row in rows {
        try database.execute(
          sql: Self.insertStaged,
          arguments: [token, row.patient, row.field, version, row.box]
        )
      }
    }
  }

  /// The corrections that were staged and neither settled nor dropped.
  func stagedTokens() throws(VaultError) -> [Data] {
    try Self.read(database) { try Data.fetchAll($0, sql: Self.selectTokens) }
  }

  /// Makes a staged correction the value, and keeps the earlier one as a former one.
  func settle(token: Data) throws(VaultError) {
    try Self.run(database) { database in
      try database.execute(sql: Self.keepFormer, arguments: [token])
      try database.execute(sql: Self.settleStaged, arguments: [token])
      try database.execute(sql: Self.deleteStagedDiffering, arguments: [token])
      try database.execute(sql: Self.deleteStaged, arguments: [token])
    }
  }

  /// Drops a correction whose other half never happened.
  func drop(token: Data) throws(VaultError) {
    try Self.run(database) { try $0.execute(sql: Self.deleteStaged, arguments: [token]) }
  }
}

extension SiteStore {
  private static let insertToken = "INSERT INTO site_identity_token (token) VALUES (?)"
  private static let selectToken = "SELECT 1 FROM site_identity_token WHERE token = ?"
  private static let deleteToken = "DELETE FROM site_identity_token WHERE token = ?"

  /// Writes identity changes inside a write transaction of the store.
  ///
  /// New patients are written at once: an identity without values is harmless. Changes of known
  /// ones are staged, and become visible with `settleCorrections` after the commit.
  func saveIdentities(
    new: [Identity],
    changed: [Identity],
    in vault: Vault,
    _ database: Database,
    using generator: inout some RandomNumberGenerator
  ) throws {
    if !new.isEmpty { try vault.save(new, using: &generator) }
    guard !changed.isEmpty else { return }
    let token = Data.random(16, using: &generator)
    try vault.stage(changed, token: token, using: &generator)
    try database.execute(sql: Self.insertToken, arguments: [token])
  }

  /// Settles or drops staged corrections by what the store has committed.
  ///
  /// Staging happens under the store's write lock, and so does this: no correction that is still
  /// under way is ever taken for an interrupted one.
  func settleCorrections(in vault: Vault) throws(SiteReplicaError) {
    let isClean = try vaultCall { () throws(VaultError) in try vault.stagedTokens().isEmpty }
    if isClean { return }
    try write { database in
      for token in try vault.stagedTokens() {
        if try Int.fetchOne(database, sql: Self.selectToken, arguments: [token]) != nil {
          try vault.settle(token: token)
          try database.execute(sql: Self.deleteToken, arguments: [token])
        } else {
          try vault.drop(token: token)
        }
      }
    }
  }
}
