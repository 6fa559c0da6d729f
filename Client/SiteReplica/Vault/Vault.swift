// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
public import Registry
import RegistryDatabase

/// The identities of a site's patients, encrypted field by field in a database of their own.
///
/// Calendar dates are not kept a second time: treatment start lives here, every other date is
/// stored as days from it, and a calendar date exists only where both are at hand.
///
/// A vault alone is worthless without one of its secrets; a store alone names nobody.
public final class Vault: Sendable {
  let database: RegistryDatabase
  let cipher: VaultCipher
  /// What the slots wrap.
  let dataKey: SymmetricKey
  /// Which identity field plays which part.
  let roles: StudyProfile.Roles
  /// Keys the duplicate index; derived from the data key.
  private let indexKey: SymmetricKey

  private init(
    database: RegistryDatabase,
    roles: StudyProfile.Roles,
    dataKey: SymmetricKey,
    keyVersion: Int
  ) {
    self.database = database
    self.roles = roles
    self.dataKey = dataKey
    self.cipher = VaultCipher(key: dataKey, keyVersion: keyVersion)
    self.indexKey = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: dataKey,
      info: Data("lobule record number index".utf8),
      outputByteCount: 32
    )
  }

  /// Makes an empty vault.
  ///
  /// - Parameters:
  ///   - path: The database file; it must not exist.
  ///   - secret: A key file's bytes or a passphrase.
  ///   - roles: Which identity field plays which part in the study.
  ///   - generator: Draws keys and salts; a cryptographic one outside tests.
  /// - Returns: The vault, and the recovery key, which is kept nowhere and shown once.
  /// - Throws: `VaultError.alreadyThere`, or what the database reports.
  public static func create(
    path: String,
    secret: VaultSecret,
    roles: StudyProfile.Roles,
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) -> (vault: Vault, recoveryKey: String) {
    let database = try openDatabase(path)
    let dataKey = SymmetricKey(data: Data.random(32, using: &generator))
    let recoveryKey = TransferCode.make(using: &generator)
    let slots = [
      try VaultSlot.make(secret, wrapping: dataKey, using: &generator),
      try VaultSlot.make(.recovery(recoveryKey), wrapping: dataKey, using: &generator),
    ]
    try run(database) { database in
      guard try VaultSlot.all(in: database).isEmpty else { throw VaultError.alreadyThere }
      for slot in slots { try slot.insert(into: database) }
    }
    let vault = Vault(database: database, roles: roles, dataKey: dataKey, keyVersion: 1)
    return (vault, recoveryKey)
  }

  /// Opens a vault.
  ///
  /// - Throws: `VaultError.wrongSecret` when the secret does not fit; nothing is changed.
  public static func open(
    path: String,
    secret: VaultSecret,
    roles: StudyProfile.Roles
  ) throws(VaultError) -> Vault {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing }
    let database = try openDatabase(path)
    let slots = try read(database) { try VaultSlot.all(in: $0) }
    guard !slots.isEmpty else { throw .missing }
    guard let slot = slots.first(where: { $0.kind == secret.kind }) else {
      throw .noSuchSlot(secret.kind)
    }
    let dataKey = try slot.unwrap(with: secret)
    return Vault(
      database: database,
      roles: roles,
      dataKey: dataKey,
      keyVersion: slot.keyVersion
    )
  }

  /// Which kinds of secret open the vault at this path; empty when there is none.
  public static func secretKinds(path: String) throws(VaultError) -> [VaultSecret.Kind] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try read(try openDatabase(path)) { try VaultSlot.all(in: $0).map(\.kind) }
  }

  /// The keyed hash by which a record number is found again.
  func index(of mrn: String) -> Data {
    // Full-width digits and stray spaces from a hospital system name the same patient.
    // What is ASCII already has no other form, and nearly every record number is.
    let isPlain = mrn.utf8.allSatisfy { $0 < 0x80 }
    let canonical = (isPlain ? mrn : mrn.precomposedStringWithCompatibilityMapping).uppercased()
      .filter { !$0.isWhitespace }
    return Data(HMAC<SHA256>.authenticationCode(for: Data(canonical.utf8), using: indexKey))
  }
}

extension Vault {
  /// Runs a transaction and gives its errors the module's own names.
  static func run<T>(
    _ database: RegistryDatabase,
    _ body: (Database) throws -> T
  ) throws(VaultError) -> T {
    do {
      return try database.write(body)
    } catch {
      throw translate(error)
    }
  }

  /// Runs a read and gives its errors the module's own names.
  static func read<T>(
    _ database: RegistryDatabase,
    _ body: (Database) throws -> T
  ) throws(VaultError) -> T {
    do {
      return try database.read(body)
    } catch {
      throw translate(error)
    }
  }

  /// Runs reads of one statement each and gives their errors the module's own names.
  static func readStatements<T>(
    _ database: RegistryDatabase,
    _ body: (Database) throws -> T
  ) throws(VaultError) -> T {
    do {
      return try database.readStatements(body)
    } catch {
      throw translate(error)
    }
  }

  private static func openDatabase(_ path: String) throws(VaultError) -> RegistryDatabase {
    do {
      return try RegistryDatabase.open(path: path, migrations: ["vault"])
    } catch {
      throw translate(error)
    }
  }

  private static func translate(_ error: any Error) -> VaultError {
    if let known = error as? VaultError { return known }
    if let known = error as? RegistryDatabaseError, known == .inUse { return .inUse }
    if let known = error as? RegistryDatabaseError, known == .newerVersion { return .newerVersion }
    return .unusable(reason: StoreFailure.reason(error))
  }
}
