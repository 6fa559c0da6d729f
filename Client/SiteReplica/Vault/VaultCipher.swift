// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// Seals single values with AES-256-GCM, bound to the place where they stand.
struct VaultCipher: Sendable {
  /// The version of the data key, part of every box's associated data.
  let keyVersion: Int
  private let key: SymmetricKey

  init(key: SymmetricKey, keyVersion: Int) {
    self.key = key
    self.keyVersion = keyVersion
  }

  /// Where a value stands: a box moved to another row or column does not open.
  struct Place {
    let table: String
    let row: Data
    let column: String
  }

  /// Seals a value; the nonce is drawn from the generator.
  func seal(
    _ value: Data,
    at place: Place,
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) -> Data {
    do {
      let nonce = try AES.GCM.Nonce(data: Data.random(12, using: &generator))
      let box = try AES.GCM.seal(value, using: key, nonce: nonce, authenticating: context(place))
      return box.nonce.withUnsafeBytes { Data($0) } + box.ciphertext + box.tag
    } catch {
      throw .unusable(reason: "encryption failed")
    }
  }

  /// Opens a value sealed at this place.
  func open(_ sealed: Data, at place: Place) throws(VaultError) -> Data {
    do {
      let box = try AES.GCM.SealedBox(combined: sealed)
      return try AES.GCM.open(box, using: key, authenticating: context(place))
    } catch {
      throw .damaged(field: place.column)
    }
  }

  /// Table, row, column and key version; lengths keep neighbours from running together.
  private func context(_ place: Place) -> Data {
    var bytes = Data()
    let parts = [
      Data(place.table.utf8), place.row, Data(place.column.utf8), Data(String(keyVersion).utf8),
    ]
    for part in parts {
      withUnsafeBytes(of: UInt32(part.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(part)
    }
    return bytes
  }
}

extension Data {
  /// Draws `count` random bytes.
  static func random(_ count: Int, using generator: inout some RandomNumberGenerator) -> Data {
    Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}
