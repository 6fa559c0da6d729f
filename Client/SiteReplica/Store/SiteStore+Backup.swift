// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
public import Registry
import RegistryDatabase
public import Replication
import SyncProtocol

extension SiteStore {
  private static let selectLastAudit = "SELECT max(number) FROM site_audit"
  private static let backupLimit = 5

  /// Copies store, vault and device key into a new folder, while others may go on working.
  ///
  /// The vault's key file is not among them: a backup alone names nobody. When a correction falls
  /// between the two copies, both are made again.
  ///
  /// - Parameters:
  ///   - target: A folder that does not exist yet; made with mode 0700.
  ///   - hasVault: Whether the vault is copied as well; without it, it is backed up apart.
  /// - Throws: `SiteReplicaError.storeAlreadyThere` when the folder exists.
  public func backup(to target: String, withVault hasVault: Bool = true) throws(SiteReplicaError) {
    let files = FileManager.default
    guard !files.fileExists(atPath: target) else { throw .storeAlreadyThere(folder: target) }
    // Sealed changes are known again when they come back from elsewhere; unsealed ones are not.
    if let keyID = try? enrollment().keyID {
      try seal(
        with: SigningIdentity(keyID: keyID, privateKey: try deviceKey())
      )
    }
    do {
      for _ in 0..<Self.backupLimit {
        try PrivateFiles.makeFolder(target)
        let before = try database.read { try Int.fetchOne($0, sql: Self.selectLastAudit) }
        if hasVault { try copyVault(to: Self.vaultPath(folder: target)) }
        try database.copy(to: "\(target)/\(Self.fileName)")
        let after = try database.read { try Int.fetchOne($0, sql: Self.selectLastAudit) }
        if before == after {
          try Self.copyKey(from: folder, to: target)
          return
        }
        try files.removeItem(atPath: target)
      }
    } catch {
      // Half a backup is none, and would be in the way of the next one.
      try? files.removeItem(atPath: target)
      throw StoreFailure.translate(error)
    }
    throw .storeInUse
  }

  /// Makes a store of a backup, under a new replica id.
  ///
  /// The original may have written on after the backup, and may still do so: whatever this store
  /// writes is under an id that nobody else has. The next sync brings what it lacks.
  ///
  /// - Parameters:
  ///   - source: A folder made by `backup`.
  ///   - folder: Where the store shall be; nothing may be there.
  ///   - study: The study that is recorded.
  ///   - actor: Who restores, and when, for the audit trail.
  ///   - generator: Draws the new replica id.
  /// - Returns: The new replica id. The store is whole and need not be opened to say so.
  /// - Throws: `SiteReplicaError`; an existing store is left as it is.
  @discardableResult
  public static func restore(
    from source: String,
    to folder: String,
    study: Study,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> ReplicaID {
    let files = FileManager.default
    guard files.fileExists(atPath: "\(source)/\(fileName)") else {
      throw .noStore(folder: source)
    }
    guard !files.fileExists(atPath: "\(folder)/\(fileName)") else {
      throw .storeAlreadyThere(folder: folder)
    }
    guard !files.fileExists(atPath: vaultPath(folder: folder)),
      !files.fileExists(atPath: "\(folder)/\(DeviceKey.fileName)")
    else { throw .storeAlreadyThere(folder: folder) }
    // A backup may have been made without the vault, which comes from its own.
    let names = restored.filter { files.fileExists(atPath: "\(source)/\($0)") }
    let draft = "\(folder)/.restoring"
    defer { try? files.removeItem(atPath: draft) }
    do {
      try? files.removeItem(atPath: draft)
      try PrivateFiles.makeFolder(draft)
      for name in names { try PrivateFiles.copy("\(source)/\(name)", to: "\(draft)/\(name)") }
    } catch {
      throw StoreFailure.translate(error)
    }
    let replica = try settle(draft, study, actor, using: &generator)
    do {
      for name in names {
        try files.moveItem(atPath: "\(draft)/\(name)", toPath: "\(folder)/\(name)")
        try PrivateFiles.flush(folder)
      }
    } catch {
      for name in names { try? files.removeItem(atPath: "\(folder)/\(name)") }
      throw StoreFailure.translate(error)
    }
    return replica
  }

  /// The files of a store in the order in which they are restored.
  ///
  /// The store's own file comes last: until it is there, there is no store.
  private static let restored = [DeviceKey.fileName, "vault.sqlite", fileName]

  /// Gives the restored store its new id; its files are whole when this returns.
  private static func settle(
    _ folder: String,
    _ study: Study,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> ReplicaID {
    let store = try open(folder: folder, study: study)
    try store.renounce(actor: actor, using: &generator)
    do {
      try store.database.checkpoint()
    } catch {
      throw StoreFailure.translate(error)
    }
    return try store.read { try StoreMeta.replica(in: $0) }
  }

  /// A consistent copy of the vault in a file that must not be there yet.
  func copyVault(to path: String) throws {
    let vault = try RegistryDatabase.open(
      path: Self.vaultPath(folder: folder),
      migrations: ["vault"]
    )
    try vault.copy(to: path)
  }

  private static func copyKey(from source: String, to target: String) throws {
    try PrivateFiles.copy(
      "\(source)/\(DeviceKey.fileName)",
      to: "\(target)/\(DeviceKey.fileName)"
    )
    try PrivateFiles.flush(target)
  }
}
