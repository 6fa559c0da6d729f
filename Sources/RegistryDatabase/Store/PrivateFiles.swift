// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files and folders that only their owner can read, whatever the umask, and that a power cut
/// leaves where they are.
///
/// A file's content is safe when the file was flushed, but its name only when the folder was.
package enum PrivateFiles {
  /// Makes the folder (0700) and the database file (0600) unless they are there.
  ///
  /// SQLite gives its log and its shared memory the mode of the database file, and flushes the
  /// folder when it makes the log.
  static func prepare(_ path: String) throws(RegistryDatabaseError) {
    let folder = folder(of: path)
    if access(folder, F_OK) != 0 { try makeFolder(folder) }
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

  /// Makes a folder (0700) and those above it unless they are there; its name is on the disk then.
  package static func makeFolder(_ path: String) throws(RegistryDatabaseError) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      let code = errno
      let above = folder(of: path)
      guard code == ENOENT, above != path else { throw .cannotOpen(path: path, code: code) }
      try makeFolder(above)
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
        throw .cannotOpen(path: path, code: errno)
      }
    }
    try flush(folder(of: path))
  }

  /// Copies a file to a new name, which is there with all of the content or not at all.
  ///
  /// The name is on the disk when the folder is flushed.
  package static func copy(_ source: String, to target: String) throws(RegistryDatabaseError) {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw .cannotOpen(path: source, code: errno) }
    defer { close(input) }
    let part = target + ".part"
    let output = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw .cannotOpen(path: target, code: errno) }
    var code = copyBytes(from: input, to: output)
    if code == 0, fsync(output) != 0 { code = errno }
    if close(output) != 0, code == 0 { code = errno }
    if code == 0, rename(part, target) != 0 { code = errno }
    guard code == 0 else {
      unlink(part)
      throw .cannotOpen(path: target, code: code)
    }
  }

  /// Waits until a file's content, or a folder's names, are on the disk.
  package static func flush(_ path: String) throws(RegistryDatabaseError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, code: errno) }
    defer { close(descriptor) }
    // Some network file systems keep names safe by themselves and refuse to flush a folder.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .cannotOpen(path: path, code: errno)
    }
  }

  /// The folder that a path is in.
  package static func folder(of path: String) -> String {
    var end = path.endIndex
    while end > path.startIndex, path[..<end].last == "/" { end = path.index(before: end) }
    guard let slash = path[..<end].lastIndex(of: "/") else {
      return end > path.startIndex ? "." : path
    }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The system's error, or 0.
  private static func copyBytes(from input: Int32, to output: Int32) -> Int32 {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(input, &buffer, buffer.count)
      guard count > 0 else { return count == 0 ? 0 : errno }
      var sent = 0
      while sent < count {
        let written = buffer[sent..<count].withUnsafeBytes {
          write(output, $0.baseAddress, $0.count)
        }
        guard written > 0 else { return written == 0 ? EIO : errno }
        sent += written
      }
    }
  }
}
