// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import Glibc

/// The files of a backup: made once, for the user alone, on the disk before they count.
enum BackupFiles {
  private static let pieceBytes = 1 << 20
  private static let smallLimitBytes = 1 << 22

  /// Makes a folder that is not there yet, 0700.
  static func makeFolder(_ path: String) throws(CenterServiceError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch { throw .file(path: path, reason: "the folder cannot be made") }
  }

  /// Copies a small file to a new one, 0600.
  static func copy(_ source: String, to target: String) throws(CenterServiceError) {
    guard let bytes = FileManager.default.contents(atPath: source),
      bytes.count <= smallLimitBytes
    else { throw .file(path: source, reason: "it is missing, unreadable or too large") }
    try SecretFile.create(bytes, at: target)
  }

  /// Copies a file of any size to a new one, 0600, piece by piece.
  static func copyLarge(_ source: String, to target: String) throws(CenterServiceError) {
    try SecretFile.create(Data(), at: target)
    do {
      let from = try FileHandle(forReadingFrom: URL(filePath: source))
      let to = try FileHandle(forWritingTo: URL(filePath: target))
      while let piece = try from.read(upToCount: pieceBytes), !piece.isEmpty {
        try to.write(contentsOf: piece)
      }
      try to.synchronize()
      try to.close()
    } catch { throw .file(path: target, reason: "it could not be written") }
  }

  /// The SHA-256 of a file of any size, in hexadecimal.
  static func sha256(_ path: String) throws(CenterServiceError) -> String {
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      var hasher = SHA256()
      while let piece = try handle.read(upToCount: pieceBytes), !piece.isEmpty {
        hasher.update(data: piece)
      }
      return Center.hexadecimal(hasher.finalize())
    } catch { throw .file(path: path, reason: "it could not be read") }
  }

  /// Brings a file and its name to the disk.
  static func synchronize(_ path: String) {
    for name in [path, (path as NSString).deletingLastPathComponent] {
      let descriptor = open(name.isEmpty ? "." : name, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      fsync(descriptor)
      close(descriptor)
    }
  }

  /// Removes what opening a store left beside it; its log must be empty, as after closing.
  static func removeSideFiles(of store: String) {
    for suffix in sideSuffixes { unlink(store + suffix) }
  }

  /// What may lie beside a store.
  static let sideSuffixes = ["-wal", "-shm", ".lock"]

  /// Opens a store that nobody serves and checks all of it.
  static func check(
    _ store: String
  ) throws(CenterServiceError) -> (inventory: CenterInventory, identity: CenterIdentity) {
    do throws(CenterError) {
      let opened = try SQLiteCenterStore.open(path: store)
      let findings = try opened.integrityFindings()
      guard findings.isEmpty else {
        throw CenterError.storage(findings.prefix(3).joined(separator: "; "))
      }
      let center = Center(store: opened)
      let found = (try center.verifiedInventory(), try center.identity())
      try opened.checkpoint()
      return found
    } catch { throw .backup(.storeBroken(reason: "\(error)")) }
  }

  static func write(
    _ manifest: CenterBackupManifest,
    to path: String
  ) throws(CenterServiceError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let bytes = try? encoder.encode(manifest) else {
      throw .file(path: path, reason: "it has no JSON form")
    }
    try SecretFile.create(bytes, at: path)
    synchronize(path)
  }
}
