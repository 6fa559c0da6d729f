// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The committed vectors, read from the source tree.
enum VectorFile {
  static func bytes(_ name: String) throws -> Data {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try Data(contentsOf: folder.appending(path: "Vectors/\(name)"))
  }

  static func decode<T: Decodable>(_ type: T.Type, from name: String) throws -> T {
    try JSONDecoder().decode(type, from: bytes(name))
  }

  /// Bytes of small hexadecimal digits.
  static func hexadecimal(_ text: String) -> Data {
    let digits = Array(text)
    return Data(
      stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)
      }
    )
  }
}
