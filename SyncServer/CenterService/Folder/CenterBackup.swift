// SPDX-License-Identifier: Apache-2.0

public import Center
import Foundation

/// What a backup says of itself: the file `backup.json`, written last.
public struct CenterBackupManifest: Codable, Equatable, Sendable {
  /// A file of the backup.
  public struct File: Codable, Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Its SHA-256, in hexadecimal.
    public let sha256: String
  }

  /// The form of the backup.
  public let format: String
  /// The centre's name, for people.
  public let center: String
  /// When it was made, seconds since 1970.
  public let madeAt: Int
  /// The store and the certificates.
  public let files: [File]
  /// What the store holds.
  public let inventory: CenterInventory
}

/// Copies a centre into a new folder while it goes on serving.
///
/// The store and the certificates lie in the folder itself, the three keys that the service works
/// with in `keys/`: whoever has both can answer as this centre. The offline root and model keys and
/// the authority's key are never copied, because no restore needs them.
public struct CenterBackup: Sendable {
  /// The form that this version writes and reads.
  static let format = "lobule-center-backup-1"
  static let manifestName = "backup.json"
  static let storeName = "center.sqlite"

  private let folder: CenterFolder
  private let now: Int

  /// Plans a backup of a centre's folder.
  public init(folder: CenterFolder, now: Int) {
    self.folder = folder
    self.now = now
  }

  /// Makes the backup and checks it: the file, the audit chain, every log and every digest.
  ///
  /// - Parameters:
  ///   - target: The folder to make, 0700; files in it are 0600.
  ///   - keysTarget: Where the keys shall be instead of `keys` in the folder; also a new folder.
  /// - Returns: What the backup says of itself.
  /// - Throws: `CenterServiceError`; a folder that was begun is taken away again.
  public func make(
    at target: String,
    keysAt keysTarget: String? = nil
  ) throws(CenterServiceError) -> CenterBackupManifest {
    let center = try Center.open(folder)
    let keys = keysTarget ?? "\(target)/keys"
    for path in [target, keys] where FileManager.default.fileExists(atPath: path) {
      throw .backup(.alreadyThere(path: path))
    }
    try BackupFiles.makeFolder(target)
    do throws(CenterServiceError) {
      try BackupFiles.makeFolder(keys)
      let manifest = try copy(to: target, keysAt: keys, of: center)
      try center.settle(manifest, now: now)
      return manifest
    } catch {
      for path in [target, keys] { try? FileManager.default.removeItem(atPath: path) }
      throw error
    }
  }

  private func copy(
    to target: String,
    keysAt keys: String,
    of center: Center
  ) throws(CenterServiceError) -> CenterBackupManifest {
    for (source, name) in folder.onlineKeys {
      try BackupFiles.copy(source, to: "\(keys)/\(name)")
    }
    var files: [CenterBackupManifest.File] = []
    for (source, name) in folder.certificates {
      try BackupFiles.copy(source, to: "\(target)/\(name)")
      files.append(.init(name: name, sha256: try BackupFiles.sha256("\(target)/\(name)")))
    }
    let store = "\(target)/\(Self.storeName)"
    do throws(CenterError) {
      try SQLiteCenterStore.open(path: folder.store).copy(to: store)
    } catch { throw .center(error) }
    // What was copied is what is checked: the served store may have gone on meanwhile.
    let (inventory, identity) = try BackupFiles.check(store)
    BackupFiles.removeSideFiles(of: store)
    BackupFiles.synchronize(store)
    files.append(.init(name: Self.storeName, sha256: try BackupFiles.sha256(store)))
    let manifest = CenterBackupManifest(
      format: Self.format,
      center: identity.name,
      madeAt: now,
      files: files,
      inventory: inventory
    )
    try BackupFiles.write(manifest, to: "\(target)/\(Self.manifestName)")
    return manifest
  }
}

extension Center {
  /// Notes the backup in the audit log of the centre that goes on.
  fileprivate func settle(
    _ manifest: CenterBackupManifest,
    now: Int
  ) throws(CenterServiceError) {
    do throws(CenterError) {
      try noteBackup(sha256: manifest.storeSHA256, now: now)
    } catch { throw .center(error) }
  }
}

extension CenterBackupManifest {
  /// The hash of the copied store.
  public var storeSHA256: String {
    files.first { $0.name == CenterBackup.storeName }?.sha256 ?? ""
  }
}

extension CenterFolder {
  /// The keys that the service works with, each with its name in a backup.
  var onlineKeys: [(source: String, name: String)] {
    [(serviceKey, "service.key"), (timestampKey, "timestamp.key"), (serverKey, "server.key")]
  }

  /// The certificates, each with its name in a backup.
  var certificates: [(source: String, name: String)] {
    [(authorityCertificate, "ca.pem"), (serverCertificate, "server.pem")]
  }
}
