// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An advisory lock on a file beside the database, held for one write transaction at a time.
///
/// Every acquisition opens the file anew, so that threads exclude each other as processes do.
/// The descriptor belongs to `hold`, which closes it; that also releases the lock.
struct FileLock: Sendable {
  let path: String
  /// How long to wait, in milliseconds.
  let limitMilliseconds: Int

  /// Runs a body under the lock.
  ///
  /// - Throws: `RegistryDatabaseError.inUse` when the lock is not free within the bound, and what
  ///   the body throws.
  func hold<Result>(_ body: () throws -> Result) throws -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw RegistryDatabaseError.cannotOpen(path: path, code: errno)
    }
    defer { close(descriptor) }
    try acquire(descriptor)
    return try body()
  }

  private func acquire(_ descriptor: Int32) throws(RegistryDatabaseError) {
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
