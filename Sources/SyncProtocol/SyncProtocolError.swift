// SPDX-License-Identifier: Apache-2.0
public import Replication

/// Why bytes could not be made, or are not accepted.
public enum SyncProtocolError: Error, Hashable, Sendable {
  /// The bytes do not have the form that their schema demands.
  case form(FormFault)
  /// The bytes are of a wire version that this program does not know.
  case unknownWireVersion(UInt32)
  /// The signature does not fit the bytes and this key.
  case signatureInvalid(keyID: String)
  /// There is nothing to seal.
  case nothingToSeal
  /// A changeset alone exceeds a batch's limits.
  case changesetTooLarge(Dot)
  /// The changesets do not follow one another: this one was expected.
  case sequenceGap(expected: Dot)
  /// A changeset's context is not the batch's foreign context and the author's own past.
  case contextDiffers(Dot)
  /// A changeset cannot be written down: see the fault.
  case unwritable(Dot, FormFault)
  /// The signing key did not sign.
  case signingFailed(keyID: String)
  /// The compressor failed.
  case compressionFailed
  /// A text is no enrolment code.
  case notAnEnrollmentCode
  /// A message was not made with this enrolment code.
  case enrollmentCodeDiffers
}

/// How bytes break the form of their schema.
public enum FormFault: String, Hashable, Sendable {
  /// More bytes than the limit.
  case tooLarge
  /// Not the one encoding of the schema's message: broken, unknown or trailing bytes.
  case notCanonical
  /// A name is empty, too long or not printable ASCII.
  case name
  /// The names do not rise strictly.
  case namesNotRising
  /// An identifier, key, hash or signature has the wrong length.
  case length
  /// A sequence is zero, too great, or out of place.
  case sequence
  /// The entries of a vector or context are unsorted, repeated, incomplete or name the author.
  case context
  /// The chain link or the public key is there when it must not be, or is missing.
  case chain
  /// The compressed columns are broken, or larger than they say or may be.
  case compression
  /// Parallel columns are of different lengths, or a count is zero or too great.
  case counts
  /// A number points outside its table, or to an entry of the wrong kind.
  case index
  /// The places or patients are not in their one order, or are not used.
  case order
  /// A Lamport counter does not rise, or is too great.
  case lamport
  /// A value is of no kind that there could be.
  case kind
  /// A value is of a kind that this version does not know, and a later one may.
  case laterKind
  /// A number is not finite, or its scale is unknown.
  case number
  /// The JSON text is not the object that was expected.
  case json
}
