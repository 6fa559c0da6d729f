// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Glibc

/// Reads and writes whole files: a reader sees the old file or the new one, never a part.
public enum PrivateFile {
  /// Writes a file through a temporary one beside it, flushed to disk before it takes the name.
  ///
  /// - Parameters:
  ///   - bytes: The whole content.
  ///   - path: Where the file shall be; an existing one is replaced.
  ///   - mode: Its permissions; for the user alone unless told otherwise.
  /// - Throws: `CommandFailure` naming the file and the system's reason.
  public static func write(
    _ bytes: Data,
    to path: String,
    mode: UInt32 = 0o600
  ) throws(CommandFailure) {
    let folder = (path as NSString).deletingLastPathComponent
    let temporary = "\(path).\(getpid()).part"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("written", path) }
    var isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    isWritten = close(descriptor) == 0 && isWritten
    guard isWritten, rename(temporary, path) == 0 else {
      let failed = failure("written", path)
      unlink(temporary)
      throw failed
    }
    synchronize(folder: folder.isEmpty ? "." : folder)
  }

  /// Makes a folder for the user alone.
  ///
  /// - Throws: `CommandFailure` naming the folder and the system's reason, also when it is there.
  public static func makeFolder(_ path: String) throws(CommandFailure) {
    guard mkdir(path, 0o700) == 0 else { throw failure("made", path) }
  }

  /// Reads a whole file of at most `limitBytes`.
  ///
  /// - Throws: `CommandFailure` naming the file and the system's reason.
  public static func read(
    _ path: String,
    limitBytes: Int = StandardStream.inputLimitBytes
  ) throws(CommandFailure) -> Data {
    guard let handle = FileHandle(forReadingAtPath: path) else { throw failure("read", path) }
    defer { try? handle.close() }
    do {
      let bytes = try handle.read(upToCount: limitBytes + 1) ?? Data()
      guard bytes.count <= limitBytes else {
        throw CommandFailure(
          .refused,
          what: "The file is larger than \(limitBytes >> 20) MiB",
          to: path,
          todo: "Split it"
        )
      }
      return bytes
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw failure("read", path)
    }
  }

  /// Reads a file, or standard input when the path is `-`.
  public static func readOrInput(_ path: String) throws(CommandFailure) -> Data {
    path == "-" ? try StandardStream.readInput() : try read(path)
  }

  private static func writeAll(_ bytes: Data, to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count {
        let count = Glibc.write(
          descriptor,
          buffer.baseAddress?.advanced(by: sent),
          buffer.count - sent
        )
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  /// A new name survives a power cut only when its folder has reached the disk too.
  private static func synchronize(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func failure(_ verb: String, _ path: String) -> CommandFailure {
    let reason = String(cString: strerror(errno))
    return CommandFailure(
      .refused,
      what: "The file could not be \(verb) (\(reason))",
      to: path,
      todo: "Check the path and its permissions"
    )
  }
}
