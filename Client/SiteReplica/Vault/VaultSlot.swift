// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB

/// The data key, wrapped under one secret.
struct VaultSlot: Sendable {
  let kind: VaultSecret.Kind
  let keyVersion: Int
  let salt: Data
  let rounds: Int
  let wrapped: Data

  private static let select = "SELECT kind, key_version, salt, rounds, wrapped FROM vault_slot"
  private static let upsert = """
    INSERT OR REPLACE INTO vault_slot (kind, key_version, salt, rounds, wrapped)
    VALUES (?, ?, ?, ?, ?)
    """

  /// Wraps a data key under a secret with a fresh salt.
  static func make(
    _ secret: VaultSecret,
    wrapping dataKey: SymmetricKey,
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) -> VaultSlot {
    let salt = Data.random(16, using: &generator)
    let rounds = secret.kind == .passphrase ? VaultSecret.scryptLogarithm : 0
    let key = try secret.wrappingKey(salt: salt, rounds: rounds)
    let wrapped = try VaultCipher(key: key, keyVersion: 1).seal(
      dataKey.withUnsafeBytes { Data($0) },
      at: place(secret.kind),
      using: &generator
    )
    return VaultSlot(kind: secret.kind, keyVersion: 1, salt: salt, rounds: rounds, wrapped: wrapped)
  }

  /// Unwraps the data key; a wrong secret and a damaged slot look alike.
  func unwrap(with secret: VaultSecret) throws(VaultError) -> SymmetricKey {
    let key = try secret.wrappingKey(salt: salt, rounds: rounds)
    do {
      return SymmetricKey(
        data: try VaultCipher(key: key, keyVersion: keyVersion)
          .open(wrapped, at: Self.place(kind))
      )
    } catch {
      throw .wrongSecret
    }
  }

  static func all(in database: Database) throws -> [VaultSlot] {
    try Row.fetchAll(database, sql: select).compactMap { row in
      guard let kind = VaultSecret.Kind(rawValue: row[0]) else { return nil }
      return VaultSlot(
        kind: kind,
        keyVersion: row[1],
        salt: row[2],
        rounds: row[3],
        wrapped: row[4]
      )
    }
  }

  func insert(into database: Database) throws {
    try database.execute(
      sql: Self.upsert,
      arguments: [kind.rawValue, keyVersion, salt, rounds, wrapped]
    )
  }

  private static func place(_ kind: VaultSecret.Kind) -> VaultCipher.Place {
    VaultCipher.Place(table: "vault_slot", row: Data(kind.rawValue.utf8), column: "wrapped")
  }
}
