// SPDX-License-Identifier: Apache-2.0

public import Center
import Crypto
public import Foundation
import Glibc

/// Makes a centre of a backup.
///
/// Everything is checked before the store takes its place: the hashes that the backup states, the
/// file, the audit chain, every log and every digest, and that the keys are those that sites pinned.
public struct CenterRestore: Sendable {
  private let folder: CenterFolder
  private let now: Int

  /// Plans a restore into a folder, which must hold no store.
  public init(folder: CenterFolder, now: Int) {
    self.folder = folder
    self.now = now
  }

  /// What a restore did.
  public struct Outcome: Sendable {
    /// What the backup said of itself.
    public let manifest: CenterBackupManifest
    /// What was forgotten, and what was done about it.
    public let restoration: CenterRestoration
  }

  /// Takes a backup back.
  ///
  /// - Parameters:
  ///   - source: A folder that `CenterBackup` made.
  ///   - keysSource: Where its keys are, when not in `keys` in that folder.
  ///   - revoking: Sites (`CODE`) and devices (`CODE/1`) that were revoked since the backup; nil
  ///     when nobody has said whether any were, and then the service waits to be told.
  ///   - epoch: 16 random bytes that name the new life of the centre.
  /// - Returns: What was restored and what is to be done.
  /// - Throws: `CenterServiceError`; the folder then holds no store.
  public func run(
    from source: String,
    keysFrom keysSource: String? = nil,
    revoking: [String]? = nil,
    epoch: Data
  ) throws(CenterServiceError) -> Outcome {
    for path in [folder.store] + BackupFiles.sideSuffixes.prefix(2).map({ folder.store + $0 })
    where FileManager.default.fileExists(atPath: path) {
      throw .alreadyInitialised(path: folder.path)
    }
    let manifest = try checkedManifest(source)
    let keys = try missingFiles(source, keysFrom: keysSource ?? "\(source)/keys")
    try BackupFiles.makeFolder(folder.path)
    let temporary = "\(folder.store).restoring"
    unlink(temporary)
    BackupFiles.removeSideFiles(of: temporary)
    do throws(CenterServiceError) {
      for (file, target) in keys { try BackupFiles.copy(file, to: target) }
      try BackupFiles.copyLarge("\(source)/\(CenterBackup.storeName)", to: temporary)
      let restoration = try begin(temporary, manifest, revoking: revoking, epoch: epoch)
      BackupFiles.removeSideFiles(of: temporary)
      // The store comes last: until it has its name there is no centre.
      BackupFiles.synchronize(temporary)
      guard rename(temporary, folder.store) == 0 else {
        throw CenterServiceError.file(path: folder.store, reason: String(cString: strerror(errno)))
      }
      BackupFiles.synchronize(folder.store)
      return Outcome(manifest: manifest, restoration: restoration)
    } catch {
      unlink(temporary)
      BackupFiles.removeSideFiles(of: temporary)
      for (_, target) in keys { unlink(target) }
      throw error
    }
  }

  private func begin(
    _ store: String,
    _ manifest: CenterBackupManifest,
    revoking: [String]?,
    epoch: Data
  ) throws(CenterServiceError) -> CenterRestoration {
    let (inventory, identity) = try BackupFiles.check(store)
    guard inventory == manifest.inventory else {
      throw .backup(.storeBroken(reason: "it does not hold what the backup states"))
    }
    let service = try KeyFile.read(folder.serviceKey)
    guard service.publicKey.rawRepresentation == identity.publicKey else {
      throw .backup(.keyDiffers(path: folder.serviceKey))
    }
    do throws(CenterError) {
      let opened = try SQLiteCenterStore.open(path: store)
      let center = Center(store: opened)
      var restoration = try center.beginAnew(
        from: manifest.storeSHA256,
        madeAt: manifest.madeAt,
        timestampKey: try Self.timestampKey(folder),
        epoch: epoch,
        knowsRevocations: revoking != nil,
        now: now
      )
      // After the entry that names the break: what the backup kept ends before it.
      try center.revoke(revoking ?? [], after: &restoration, now: now)
      try opened.checkpoint()
      return restoration
    } catch { throw .center(error) }
  }

  private static func timestampKey(
    _ folder: CenterFolder
  ) throws(CenterError) -> Curve25519.Signing.PrivateKey {
    do throws(CenterServiceError) {
      return try KeyFile.read(folder.timestampKey)
    } catch { throw .channelDocument("the timestamp key cannot be read") }
  }

  /// The backup's own words, after its files were held against them.
  private func checkedManifest(
    _ source: String
  ) throws(CenterServiceError) -> CenterBackupManifest {
    let path = "\(source)/\(CenterBackup.manifestName)"
    guard let bytes = FileManager.default.contents(atPath: path),
      let manifest = try? JSONDecoder().decode(CenterBackupManifest.self, from: bytes),
      manifest.format == CenterBackup.format, !manifest.storeSHA256.isEmpty
    else { throw .backup(.noBackup(path: source)) }
    for file in manifest.files {
      // Names come from the backup: none may lead out of it.
      let known = [CenterBackup.storeName] + folder.certificates.map(\.name)
      guard known.contains(file.name) else { throw .backup(.noBackup(path: source)) }
      let path = "\(source)/\(file.name)"
      guard try BackupFiles.sha256(path) == file.sha256 else {
        throw .backup(.fileDiffers(path: path))
      }
    }
    return manifest
  }

  /// The keys and certificates that the folder lacks, each with where it is and shall be.
  private func missingFiles(
    _ source: String,
    keysFrom keys: String
  ) throws(CenterServiceError) -> [(file: String, target: String)] {
    let files = FileManager.default
    let wanted =
      folder.onlineKeys.map { (file: "\(keys)/\($0.name)", target: $0.source) }
      + folder.certificates.map { (file: "\(source)/\($0.name)", target: $0.source) }
    let lacking = wanted.filter { !files.fileExists(atPath: $0.target) }
    let missing = lacking.filter { !files.fileExists(atPath: $0.file) }.map(\.file)
    guard missing.isEmpty else { throw .backup(.keysMissing(missing)) }
    return lacking
  }
}
