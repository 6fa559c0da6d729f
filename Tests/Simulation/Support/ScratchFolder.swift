// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A temporary folder, in memory where the system has such a place, that goes away with its owner.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    let memory = "/dev/shm"
    let base =
      FileManager.default.isWritableFile(atPath: memory)
      ? memory : FileManager.default.temporaryDirectory.path
    path = "\(base)/lobule-simulation-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Copies the files of a folder as they lie there, like a machine that lost its power.
  static func copy(_ source: String, to target: String) throws {
    let files = FileManager.default
    try files.createDirectory(
      atPath: target,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    for name in try files.contentsOfDirectory(atPath: source)
    where !name.hasSuffix("-shm") && !name.hasSuffix(".lock") && !name.hasPrefix("vault") {
      try files.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
    }
  }

  /// Cuts the write-ahead log of a database file that lies in a copy.
  static func cutLog(of path: String, at size: Int) throws {
    guard let log = FileHandle(forWritingAtPath: path + "-wal") else { return }
    try log.truncate(atOffset: UInt64(size))
    try log.close()
  }
}
