// SPDX-License-Identifier: Apache-2.0

public import Crypto
import Foundation
import Glibc
import RegistryDatabase

/// Ed25519 private keys in files: one line, a heading and the key in hexadecimal.
public enum KeyFile {
  private static let heading = "lobule-ed25519-private-key"

  /// Writes a key to a new file that only the user can read.
  ///
  /// - Throws: `CenterServiceError.file`, also when the file is there already.
  public static func write(
    _ key: Curve25519.Signing.PrivateKey,
    to path: String
  ) throws(CenterServiceError) {
    let digits = key.rawRepresentation.map { String(format: "%02x", $0) }.joined()
    try SecretFile.create(Data("\(heading) \(digits)\n".utf8), at: path)
  }

  /// Reads a key.
  ///
  /// - Throws: `CenterServiceError.file` or `.malformedKeyFile`.
  public static func read(
    _ path: String
  ) throws(CenterServiceError) -> Curve25519.Signing.PrivateKey {
    let words = try SecretFile.readText(path).split(whereSeparator: \.isWhitespace)
    guard words.count == 2, words[0] == heading, words[1].utf8.count == 64 else {
      throw .malformedKeyFile(path: path)
    }
    var bytes: [UInt8] = []
    var rest = words[1]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else {
        throw .malformedKeyFile(path: path)
      }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
      throw .malformedKeyFile(path: path)
    }
    return key
  }
}

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
