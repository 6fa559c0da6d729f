// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import RegistryDatabase

/// Files that only the user can read, made once.
enum SecretFile {
  /// Writes a file that must not be there yet, to the disk.
  static func create(
    _ bytes: Data,
    at path: String,
    mode: mode_t = 0o600
  ) throws(CenterServiceError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(path) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    let isWritten = (try? handle.write(contentsOf: bytes)) != nil && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten else { throw failure(path) }
    try CenterServiceError.storing { () throws(RegistryDatabaseError) in
      try PrivateFiles.flush(PrivateFiles.folder(of: path))
    }
  }

  /// Reads a small text file.
  static func readText(_ path: String) throws(CenterServiceError) -> String {
    guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 1 << 16 else {
      throw .file(path: path, reason: "it is missing, unreadable or too large")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func failure(_ path: String) -> CenterServiceError {
    .file(path: path, reason: String(cString: strerror(errno)))
  }
}
