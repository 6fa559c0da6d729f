// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Registry
import RegistryDatabase
import Replication

/// The keys of the vault, its own backup, and what is taken out of it. All of it is in the audit
/// trail, by who and when, without a value.
extension SiteStore {
  /// Makes a passphrase open the vault; an earlier one no longer does.
  public func setPassphrase(
    _ passphrase: Data,
    of vault: Vault,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) {
    do throws(VaultError) {
      try vault.setSecret(.passphrase(passphrase), using: &generator)
    } catch {
      throw .vault(error)
    }
    try note(.vaultSecretChanged, #"{"kind":"passphrase"}"#, by: actor)
  }

  /// Draws a new recovery key, as after the old one was used or seen.
  ///
  /// - Returns: The key, kept nowhere and shown once.
  public func renewRecoveryKey(
    of vault: Vault,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> String {
    let key: String
    do throws(VaultError) {
      key = try vault.renewRecoveryKey(using: &generator)
    } catch {
      throw .vault(error)
    }
    try note(.vaultSecretChanged, #"{"kind":"recovery"}"#, by: actor)
    return key
  }

  /// Tries the recovery key: opens the vault with it and reads every identity.
  ///
  /// - Returns: How many identities it opens.
  /// - Throws: `SiteReplicaError.vault(.wrongSecret)`, or `.damaged` for a value that does not open.
  public func rehearseRecovery(_ key: String, actor: Actor) throws(SiteReplicaError) -> Int {
    let vault = try openVault(.recovery(key))
    let count: Int
    do throws(VaultError) {
      count = try vault.identities().count
    } catch {
      throw .vault(error)
    }
    try note(.recoveryRehearsed, #"{"patients":\#(count)}"#, by: actor)
    return count
  }

  /// Takes the key file's power away: until `unlockVault`, a passphrase opens the vault.
  ///
  /// - Throws: `SiteReplicaError.vault(.noOtherSecret)` when no passphrase was set.
  public func lockVault(_ vault: Vault, actor: Actor) throws(SiteReplicaError) {
    do throws(VaultError) {
      try vault.removeKeyFile()
    } catch {
      throw .vault(error)
    }
    try note(.vaultLocked, "{}", by: actor)
  }

  /// Makes a new key file open the vault.
  ///
  /// - Parameters:
  ///   - vault: The vault, opened by another secret.
  ///   - keyFile: At least 32 random bytes, on disk already.
  ///   - actor: Who unlocks it, and when.
  ///   - generator: Draws salt and nonce; a cryptographic one outside tests.
  /// - Throws: `SiteReplicaError.vault(.wrongSecret)` for a key file that is too short.
  public func unlockVault(
    _ vault: Vault,
    keyFile: Data,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) {
    do throws(VaultError) {
      try vault.setSecret(.keyFile(keyFile), using: &generator)
    } catch {
      throw .vault(error)
    }
    try note(.vaultUnlocked, "{}", by: actor)
  }

  /// Copies the vault alone to a file of mode 0600 that must not be there yet.
  ///
  /// It is as worthless without a secret as the vault is.
  public func backupVault(to path: String) throws(SiteReplicaError) {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw .storeAlreadyThere(folder: path)
    }
    do {
      try copyVault(to: path)
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw StoreFailure.translate(error)
    }
  }

  /// Puts a vault from its own backup in the place of a missing one.
  ///
  /// - Returns: How many identities it holds.
  /// - Throws: `SiteReplicaError.vault`: `.alreadyThere`, or `.wrongSecret`; nothing is put then.
  public func restoreVault(
    from path: String,
    secret: VaultSecret
  ) throws(SiteReplicaError) -> Int {
    let place = Self.vaultPath(folder: folder)
    guard !FileManager.default.fileExists(atPath: place) else { throw .vault(.alreadyThere) }
    let draft = folder + "/.restoring-vault"
    defer {
      for suffix in ["", "-wal", "-shm", ".lock"] {
        try? FileManager.default.removeItem(atPath: draft + suffix)
      }
    }
    do {
      try PrivateFiles.copy(path, to: draft)
    } catch {
      throw StoreFailure.translate(error)
    }
    let count: Int
    do throws(VaultError) {
      let vault = try Vault.open(path: draft, secret: secret, roles: study.profile.roles)
      count = try vault.identities().count
    } catch {
      throw .vault(error)
    }
    do {
      try PrivateFiles.copy(path, to: place)
      try PrivateFiles.flush(folder)
    } catch {
      throw StoreFailure.translate(error)
    }
    return count
  }

  /// Removes an identity value that was entered by mistake; the audit trail keeps that it was there.
  ///
  /// - Parameters:
  ///   - field: An identity field, by name.
  ///   - mrn: A record number, or a patient id in hexadecimal.
  ///   - vault: Where it stands.
  ///   - actor: Who removes it, and when.
  /// - Returns: How many values were removed, earlier ones among them.
  /// - Throws: `SiteReplicaError.unknownField` for what is no identity field, and what the vault
  ///   throws.
  public func redact(
    _ field: String,
    of mrn: String,
    vault: Vault,
    actor: Actor
  ) throws(SiteReplicaError) -> Int {
    guard let definition = study.dictionary.field(field, event: nil) else {
      throw .unknownField(field: "", event: "")
    }
    guard definition.isIdentifying else { throw .unknownField(field: field, event: "") }
    let patient = try patient(mrn: mrn, vault: vault)
    let count = try vaultCall { () throws(VaultError) in try vault.redactable(field, of: patient) }
    // The tombstone first: what is removed without a trace would look like tampering.
    try write { database in
      var trail = try AuditTrail(database)
      try trail.append(
        .identityRedacted,
        by: actor,
        patient: patient,
        details: #"{"field":"\#(field)"}"#
      )
    }
    try vaultCall { () throws(VaultError) in try vault.redact(field, of: patient) }
    return count
  }

  private func note(
    _ action: AuditAction,
    _ details: String,
    by actor: Actor
  ) throws(SiteReplicaError) {
    try write { database in
      var trail = try AuditTrail(database)
      try trail.append(action, by: actor, details: details)
    }
  }
}
