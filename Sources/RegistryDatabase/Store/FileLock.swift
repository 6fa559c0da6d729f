// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An advisory lock on a file beside the database, held for one write transaction at a time.
///
/// Every lock has a descriptor of its own, so that two openings of a database exclude each other
/// within a process as they do between processes. One lock serves one thread at a time.
final class FileLock: Sendable {
  private let path: String
  /// How long to wait, in milliseconds.
  private let limitMilliseconds: Int
  private let descriptor: Int32

  /// Opens the file, making it (0600) when it is not there.
  init(path: String, limitMilliseconds: Int) throws(RegistryDatabaseError) {
    self.path = path
    self.limitMilliseconds = limitMilliseconds
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, code: errno) }
  }

  deinit { close(descriptor) }

  /// Runs a body under the lock.
  ///
  /// - Throws: `RegistryDatabaseError.inUse` when the lock is not free within the bound, and what
  ///   the body throws.
  func hold<Result>(_ body: () throws -> Result) throws -> Result {
    try acquire()
    defer { flock(descriptor, LOCK_UN) }
    if isFileThere { return try body() }
    // Somebody took the file away: what others will lock is a new one.
    return try FileLock(path: path, limitMilliseconds: limitMilliseconds).hold(body)
  }

  private var isFileThere: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  private func acquire() throws(RegistryDatabaseError) {
    var waited = 0
    var pause = 1
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR else {
        throw .cannotOpen(path: path, code: code)
      }
      guard waited < limitMilliseconds else { throw .inUse }
      usleep(UInt32(pause) * 1000)
      waited += pause
      // Short pauses, so that a writer with many transactions in a row starves nobody.
      pause = min(2 * pause, 5)
    }
  }
}
