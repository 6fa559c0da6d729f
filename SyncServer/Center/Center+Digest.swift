// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

extension Center {
  /// SHA-256 of some bytes.
  static func sha256(_ bytes: Data) -> Data { Data(SHA256.hash(data: bytes)) }

  /// SHA-256 of some bytes in small hexadecimal digits.
  static func hexadecimal(sha256 bytes: Data) -> String { hexadecimal(sha256(bytes)) }

  /// Bytes in small hexadecimal digits.
  package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
