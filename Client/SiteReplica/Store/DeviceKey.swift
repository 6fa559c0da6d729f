// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Replication

/// The device's signing key: 32 bytes as hexadecimal in a file of mode 0600 in the store folder.
public enum DeviceKey {
  static let fileName = "device.key"

  /// Draws a key and writes its file; an existing file is refused.
  static func create(
    folder: String,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    let path = "\(folder)/\(fileName)"
    let seed = Data.random(32, using: &generator)
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      throw .deviceKeyUnusable(reason: "it could not be made")
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .storeUnusable(reason: "the device key: \(String(cString: strerror(errno)))")
    }
    let text = Array((hexadecimal(seed) + "\n").utf8)
    let isWritten = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    guard isWritten else {
      unlink(path)
      throw .storeUnusable(reason: "the device key: \(String(cString: strerror(code)))")
    }
    return key
  }

  /// Reads the key; a file that others may read is refused.
  static func read(folder: String) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    let path = "\(folder)/\(fileName)"
    var status = stat()
    guard stat(path, &status) == 0 else { throw .deviceKeyUnusable(reason: "the file is missing") }
    guard status.st_mode & 0o077 == 0 else {
      throw .deviceKeyUnusable(reason: "other users may read it")
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let bytes = bytes(hex: text.trimmingCharacters(in: .whitespacesAndNewlines)),
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    else { throw .deviceKeyUnusable(reason: "the file holds no key") }
    return key
  }

  private static func bytes(hex: String) -> Data? {
    guard let halves = hex.count == 64 ? [hex.prefix(32), hex.suffix(32)] : nil else { return nil }
    let identifiers = halves.compactMap { ReplicaID(hex: String($0)) }
    return identifiers.count == 2 ? Data(identifiers.flatMap(\.bytes)) : nil
  }
}
