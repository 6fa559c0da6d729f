// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import GRDB
public import Registry
package import RegistryDatabase
import Replication
import SyncProtocol

/// A site's store on one device: the log, its heads, what is not yet sent, and the audit trail.
///
/// Nothing in it names a patient: identities are in the `Vault`, and commands that show or take
/// record numbers bring both together with the vault as an argument.
public final class SiteStore: Sendable {
  /// The folder that holds everything of this device but the vault's key file.
  public let folder: String
  /// The site's code.
  public let site: String
  /// The study that is recorded here.
  public let study: Study
  package let database: RegistryDatabase
  package let tables: ReplicaTables
  let deidentifier: Deidentifier
  let checker: EntryChecker

  package static let fileName = "store.sqlite"
  private static let migrations = ["replica", "site"]

  private init(folder: String, site: String, study: Study, database: RegistryDatabase) {
    self.folder = folder
    self.site = site
    self.study = study
    self.database = database
    self.tables = ReplicaTables(
      scope: site,
      decoding: ReceivedBatch.batch(of:),
      redacting: BatchRedactor.redact(_:removing:)
    )
    self.deidentifier = Deidentifier(study: study)
    self.checker = EntryChecker(study: study)
  }

  /// The database file of the vault in a store folder.
  public static func vaultPath(folder: String) -> String { "\(folder)/vault.sqlite" }

  /// Makes a store, its vault and its device key in a folder.
  ///
  /// - Parameters:
  ///   - folder: Made with mode 0700 when it is not there.
  ///   - site: The site's code: 1 to 32 of `a-z A-Z 0-9 - _`.
  ///   - study: The study that will be recorded.
  ///   - secret: What shall open the vault.
  ///   - actor: Who makes it, and when, for the audit trail.
  ///   - generator: Draws ids and keys; a cryptographic one outside tests.
  /// - Returns: The store, its vault, and the vault's recovery key, which is kept nowhere.
  /// - Throws: `SiteReplicaError`; an existing store is left as it is.
  public static func create(
    folder: String,
    site: String,
    study: Study,
    secret: VaultSecret,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> (store: SiteStore, vault: Vault, recoveryKey: String) {
    guard isSiteCode(site) else { throw .malformedSiteCode }
    let files = FileManager.default
    guard !files.fileExists(atPath: "\(folder)/\(fileName)"),
      !files.fileExists(atPath: vaultPath(folder: folder)),
      !files.fileExists(atPath: "\(folder)/\(DeviceKey.fileName)")
    else { throw .storeAlreadyThere(folder: folder) }
    do {
      try PrivateFiles.makeFolder(folder)
    } catch {
      throw StoreFailure.translate(error)
    }
    _ = try DeviceKey.create(folder: folder, using: &generator)
    let made: (vault: Vault, recoveryKey: String)
    do throws(VaultError) {
      made = try Vault.create(
        path: vaultPath(folder: folder),
        secret: secret,
        roles: study.profile.roles,
        using: &generator
      )
    } catch {
      throw .vault(error)
    }
    let database = try openDatabase(folder)
    let replica = ReplicaID.random(using: &generator)
    try run(database) { database in
      try StoreMeta.set(.site, site, in: database)
      try StoreMeta.set(.replica, Data(replica.bytes), in: database)
      var trail = try AuditTrail(database)
      try trail.append(.initialised, by: actor, details: "{}")
    }
    let store = SiteStore(folder: folder, site: site, study: study, database: database)
    return (store, made.vault, made.recoveryKey)
  }

  /// Opens the store in a folder.
  public static func open(folder: String, study: Study) throws(SiteReplicaError) -> SiteStore {
    guard FileManager.default.fileExists(atPath: "\(folder)/\(fileName)") else {
      throw .noStore(folder: folder)
    }
    let database = try openDatabase(folder)
    let site = try read(database) { try StoreMeta.text(.site, in: $0) }
    guard let site else { throw .noStore(folder: folder) }
    return SiteStore(folder: folder, site: site, study: study, database: database)
  }

  /// Opens the vault of this store.
  public func openVault(_ secret: VaultSecret) throws(SiteReplicaError) -> Vault {
    let vault: Vault
    do throws(VaultError) {
      vault = try Vault.open(
        path: Self.vaultPath(folder: folder),
        secret: secret,
        roles: study.profile.roles
      )
    } catch {
      throw .vault(error)
    }
    try settleCorrections(in: vault)
    try purge(vault)
    try finishErasures()
    return vault
  }

  /// Where the vault's key file was put when the store was made; nil under a passphrase.
  public func vaultKeyPath() throws(SiteReplicaError) -> String? {
    try read { try StoreMeta.text(.vaultKeyPath, in: $0) }
  }

  /// Remembers where the vault's key file is.
  public func setVaultKeyPath(_ path: String) throws(SiteReplicaError) {
    try write { try StoreMeta.set(.vaultKeyPath, path, in: $0) }
  }

  private static func isSiteCode(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x2D || $0 == 0x5F
      }
  }

  private static func openDatabase(_ folder: String) throws(SiteReplicaError) -> RegistryDatabase {
    do {
      return try RegistryDatabase.open(path: "\(folder)/\(fileName)", migrations: migrations)
    } catch {
      throw StoreFailure.translate(error)
    }
  }
}

extension SiteStore {
  /// Runs one write transaction; its errors get this module's names.
  func write<T>(_ body: (Database) throws -> T) throws(SiteReplicaError) -> T {
    try Self.run(database, body)
  }

  /// Reads one consistent state; its errors get this module's names.
  func read<T>(_ body: (Database) throws -> T) throws(SiteReplicaError) -> T {
    try Self.read(database, body)
  }

  /// Reads with one statement, which needs no transaction; its errors get this module's names.
  func readStatements<T>(_ body: (Database) throws -> T) throws(SiteReplicaError) -> T {
    do {
      return try database.readStatements(body)
    } catch {
      throw StoreFailure.translate(error)
    }
  }

  private static func run<T>(
    _ database: RegistryDatabase,
    _ body: (Database) throws -> T
  ) throws(SiteReplicaError) -> T {
    do {
      return try database.write(body)
    } catch {
      throw StoreFailure.translate(error)
    }
  }

  private static func read<T>(
    _ database: RegistryDatabase,
    _ body: (Database) throws -> T
  ) throws(SiteReplicaError) -> T {
    do {
      return try database.read(body)
    } catch {
      throw StoreFailure.translate(error)
    }
  }
}
