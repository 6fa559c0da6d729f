// SPDX-License-Identifier: Apache-2.0

/// Why bytes are no envelope, or an envelope could not be signed.
public enum EnvelopeError: Error, Hashable, Sendable {
  /// The bytes are not strict JSON.
  case notStrictJSON(StrictJSONError)
  /// A name is missing or not known, or a value has the wrong kind.
  case malformed
  /// There are more signatures than allowed.
  case tooManySignatures(limit: Int)
  /// The payload or a signature is not base64.
  case notBase64
  /// The cryptographic library refused.
  case cryptography
}
