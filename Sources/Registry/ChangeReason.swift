// SPDX-License-Identifier: Apache-2.0

/// Why a changeset was made: the only words about a change that leave a site.
public enum ChangeReason: String, Hashable, Sendable, CaseIterable {
  /// First entry of a value.
  case entry
  /// A row of an imported file.
  case `import`
  /// A row of an imported file that replaces other values.
  case importUpdate = "import_update"
  /// A value was wrong.
  case correction
  /// A typing or transcription error.
  case transcription
  /// A value was entered in another unit.
  case wrongUnit = "wrong_unit"
  /// A value belonged to another patient.
  case wrongPatient = "wrong_patient"
  /// The measurement was repeated.
  case remeasured
  /// An unusual value was checked against its source.
  case confirmed
  /// A conflict was settled.
  case resolution
  /// A value was entered in error.
  case retraction
  /// A retraction was taken back.
  case unretraction
  /// Two registrations are one patient.
  case merge
  /// Two registrations are not one patient.
  case unmerge
  /// Consent was withdrawn.
  case consentWithdrawn = "consent_withdrawn"
  /// Consent was given again.
  case consentRestored = "consent_restored"
  /// Treatment start or birth date was corrected: new offsets and age.
  case identityCorrection = "identity_correction"
  /// A change is issued again after a fork.
  case reissue
  /// The patient asked for erasure.
  case erasureRequest = "erasure_request"
  /// An authority or a court ordered erasure.
  case erasureOrder = "erasure_order"
  /// The data were processed without a lawful ground.
  case erasureUnlawful = "erasure_unlawful"
  /// The coordinating centre asks about a value.
  case query
  /// An answer to a query.
  case queryAnswer = "query_answer"
}
