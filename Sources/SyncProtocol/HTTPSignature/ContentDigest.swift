// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation

/// The `Content-Digest` field of RFC 9530.
public enum ContentDigest {
  /// The field value for a body, by SHA-256.
  public static func value(for body: Data) -> String {
    StructuredFields.byteSequence(Data(SHA256.hash(data: body)), named: "sha-256")
  }

  /// Says whether a field value is the digest of a body.
  ///
  /// Exactly one digest is taken, SHA-256 or SHA-512 in canonical form: with several, two readers
  /// could check different ones.
  public static func matches(_ value: String, body: Data) -> Bool {
    if let digest = StructuredFields.onlyByteSequence(value, named: "sha-256") {
      return digest == Data(SHA256.hash(data: body))
    }
    if let digest = StructuredFields.onlyByteSequence(value, named: "sha-512") {
      return digest == Data(SHA512.hash(data: body))
    }
    return false
  }
}
