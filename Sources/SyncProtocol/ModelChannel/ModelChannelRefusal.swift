// SPDX-License-Identifier: Apache-2.0

/// Why a step of the model channel was refused; the state stays as it was.
public enum ModelChannelRefusal: String, Error, CaseIterable, Sendable {
  /// The envelope says it holds a document of another kind.
  case payloadType = "payload_type"
  /// Fewer distinct keys of the role have signed than it takes.
  case signatureThreshold = "signature_threshold"
  /// The document is not strict JSON of the known shape.
  case malformed
  /// A step has more roots than are looked at.
  case tooManyRoots = "too_many_roots"
  /// A role's threshold is below 1 or above its number of keys.
  case thresholdInvalid = "threshold_invalid"
  /// A root does not follow the trusted one, or the timestamp needs a newer root.
  case rootVersion = "root_version"
  /// The trusted root has expired.
  case rootExpired = "root_expired"
  /// The timestamp is older than the trusted one, or another of the same version.
  case timestampRollback = "timestamp_rollback"
  /// The timestamp has expired: updating stops, scoring goes on.
  case timestampExpired = "timestamp_expired"
  /// A model's name is not made of small letters, digits and hyphens.
  case modelID = "model_id"
  /// The timestamp does not list the model, or drops one that was listed.
  case modelNotListed = "model_not_listed"
  /// The document's length is not the listed one.
  case length
  /// The document's bytes are not the listed ones.
  case hash
  /// The document's version is not the listed one.
  case modelVersion = "model_version"
  /// The model is older than the accepted one, or another of the same version.
  case modelRollback = "model_rollback"
}
