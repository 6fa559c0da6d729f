// SPDX-License-Identifier: Apache-2.0

/// Why a signed message was refused: the first check that failed, in the order of the cases.
public enum SignatureRefusal: String, Error, CaseIterable, Sendable {
  /// There is not exactly one `Signature-Input` field.
  case missingOrRepeatedSignatureInput = "missing_or_repeated_signature-input"
  /// There is not exactly one `Signature` field.
  case missingOrRepeatedSignature = "missing_or_repeated_signature"
  /// There is not exactly one `Host` field.
  case missingOrRepeatedHost = "missing_or_repeated_host"
  /// `Signature-Input` is not a canonical dictionary of inner lists of strings.
  case malformedSignatureInput = "malformed_signature_input"
  /// `Signature-Input` does not have the one label of the profile.
  case label
  /// A parameter or a component is there twice.
  case duplicate
  /// `Signature` is not the one 64-byte signature of the label, in canonical form.
  case malformedSignature = "malformed_signature"
  /// The tag is another protocol's, or missing.
  case tag
  /// The algorithm is named and is not `ed25519`.
  case algorithm = "alg"
  /// The time of signing is missing.
  case createdMissing = "created_missing"
  /// A component that must be signed is not.
  case insufficientCoverage = "insufficient_coverage"
  /// Nobody enrolled the key.
  case unknownKey = "unknown_key"
  /// The key was revoked.
  case keyRevoked = "key_revoked"
  /// `Host` is not this centre's authority.
  case authority
  /// The time of signing is too far from this clock.
  case clockWindow = "clock_window"
  /// The signature's own expiry has passed.
  case expired
  /// The nonce is missing or has the wrong form.
  case nonce
  /// A component of this name or with these parameters is not known.
  case unknownComponent = "unknown_component"
  /// A signed component is not in the message, or has no canonical value.
  case componentAbsent = "component_absent"
  /// The signature does not fit the message and the key.
  case badSignature = "bad_signature"
  /// The body received is not the one whose digest was signed.
  case digestMismatch = "digest_mismatch"
  /// The nonce was used before.
  case replay
  /// The key's role or site does not allow the method and path.
  case forbidden
}
