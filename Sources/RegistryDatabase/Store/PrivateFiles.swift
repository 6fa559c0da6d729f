// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files and folders that only their owner can read, whatever the umask.
enum PrivateFiles {
  /// Makes the folder (0700) and the database file (0600) unless they are there.
  ///
  /// SQLite gives its log and its shared memory the mode of the database file.
  static func prepare(_ path: String) throws(RegistryDatabaseError) {
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, code: errno) }
    close(descriptor)
  }

  /// Makes an empty file (0600) that must not be there yet.
  static func createNew(_ path: String) throws(RegistryDatabaseError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, code: errno) }
    close(descriptor)
  }

  private static func makeFolder(_ path: String) throws(RegistryDatabaseError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    let code = errno
    guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw .cannotOpen(path: path, code: code)
    }
    try makeFolder(String(path[..<slash]))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .cannotOpen(path: path, code: errno)
    }
  }
}
