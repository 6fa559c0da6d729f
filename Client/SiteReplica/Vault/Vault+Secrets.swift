// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase

/// Which secrets open the vault. The data key stays the same: each slot wraps it anew.
extension Vault {
  private static let deleteSlot = "DELETE FROM vault_slot WHERE kind = ?"

  /// Which kinds of secret open the vault now.
  public func secretKinds() throws(VaultError) -> [VaultSecret.Kind] {
    try Self.read(database) { try VaultSlot.all(in: $0).map(\.kind) }
  }

  /// Makes a secret open the vault; another one of its kind no longer does.
  ///
  /// - Parameters:
  ///   - secret: The new key file's bytes, passphrase or recovery key.
  ///   - generator: Draws salt and nonce; a cryptographic one outside tests.
  /// - Throws: `VaultError.wrongSecret` for what cannot be a secret.
  public func setSecret(
    _ secret: VaultSecret,
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) {
    let slot = try VaultSlot.make(secret, wrapping: dataKey, using: &generator)
    try Self.run(database) { try slot.insert(into: $0) }
  }

  /// Draws a new recovery key; the old one no longer opens the vault.
  ///
  /// - Returns: The key, which is kept nowhere and shown once.
  public func renewRecoveryKey(
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) -> String {
    let key = TransferCode.make(using: &generator)
    try setSecret(.recovery(key), using: &generator)
    return key
  }

  /// Takes the key file's slot away: what is left on the machine opens the vault no more.
  ///
  /// - Throws: `VaultError.noOtherSecret` without a passphrase.
  func removeKeyFile() throws(VaultError) {
    try Self.run(database) { database in
      guard try VaultSlot.all(in: database).contains(where: { $0.kind == .passphrase }) else {
        throw VaultError.noOtherSecret
      }
      try database.execute(
        sql: Self.deleteSlot,
        arguments: [VaultSecret.Kind.keyFile.rawValue]
      )
    }
  }
}
