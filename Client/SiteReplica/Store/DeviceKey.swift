// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import RegistryDatabase
import Replication

/// The device's signing key: 32 bytes as hexadecimal in a file of mode 0600 in the store folder.
public enum DeviceKey {
  static let fileName = "device.key"
  /// Where a new key waits until the centre knows it.
  private static let nextFileName = "device.key.next"

  /// Draws a key and writes its file; an existing file is refused.
  static func create(
    folder: String,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    try write(Data.random(32, using: &generator), to: "\(folder)/\(fileName)")
  }

  /// Writes a new key beside the one in use, in the place of what was left there.
  static func createNext(
    folder: String,
    seed: Data
  ) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    let path = "\(folder)/\(nextFileName)"
    unlink(path)
    let key = try write(seed, to: path)
    do {
      try PrivateFiles.flush(folder)
    } catch { throw StoreFailure.translate(error) }
    return key
  }

  /// Reads the key that waits.
  static func readNext(folder: String) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    try read(path: "\(folder)/\(nextFileName)")
  }

  /// Puts the key that waits in the place of the one in use.
  static func activateNext(folder: String) throws(SiteReplicaError) {
    guard rename("\(folder)/\(nextFileName)", "\(folder)/\(fileName)") == 0 else {
      throw .storeUnusable(reason: "the device key: \(String(cString: strerror(errno)))")
    }
    do {
      try PrivateFiles.flush(folder)
    } catch { throw StoreFailure.translate(error) }
  }

  private static func write(
    _ seed: Data,
    to path: String
  ) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      throw .deviceKeyUnusable(reason: "it could not be made")
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .storeUnusable(reason: "the device key: \(String(cString: strerror(errno)))")
    }
    let text = Array((hexadecimal(seed) + "\n").utf8)
    let isWritten =
      Glibc.write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
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
    try read(path: "\(folder)/\(fileName)")
  }

  private static func read(
    path: String
  ) throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
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
