// SPDX-License-Identifier: Apache-2.0

public import Registry
public import Replication

/// Why a site's store did not do what was asked.
///
/// Payloads name fields, events, codes and counts, never a patient's value.
public enum SiteReplicaError: Error, Equatable, Sendable {
  /// There is no store in this folder.
  case noStore(folder: String)
  /// A store is there already.
  case storeAlreadyThere(folder: String)
  /// The site code has another form than 1 to 32 of `a-z A-Z 0-9 - _`.
  case malformedSiteCode
  /// Another program is writing and did not finish in time.
  case storeInUse
  /// A newer version of the program has written the store; an older one never touches it.
  case storeOfNewerVersion
  /// The database could not be used; the system's reason.
  case storeUnusable(reason: String)
  /// What is stored cannot be read as what it should be; what.
  case storeDamaged(String)
  /// The device key is missing, or open to other users.
  case deviceKeyUnusable(reason: String)
  /// The device's key is being changed: nothing is sealed until the centre knows the new one.
  case rotationUnfinished
  /// The vault refused.
  case vault(VaultError)
  /// No patient has this record number.
  case unknownPatient
  /// The patient was erased by law: nothing is recorded any more.
  case patientErased
  /// A record number stands for several registrations that were not merged: their ids, which are
  /// random.
  case registeredTwice([PatientID])
  /// A new patient needs these identity fields first.
  case identityMissing(fields: [String])
  /// No field of this name stands at this event; words that the study does not know are empty,
  /// because they might be a patient's.
  case unknownField(field: String, event: String)
  /// The field stands at several events, and none was named.
  case eventNeeded(field: String, events: [String])
  /// A value was refused by the study's rules.
  case entryRefused([Problem])
  /// Other heads than those shown stand there now: nothing was written.
  case changedMeanwhile(fields: [String])
  /// The field is in conflict: it is resolved, not set.
  case inConflict(field: String, event: String)
  /// The field is not in conflict.
  case notInConflict(field: String, event: String)
  /// The value is not retracted.
  case notRetracted(field: String, event: String)
  /// Two registrations with different treatment starts cannot be one patient: their days do not
  /// count from the same date.
  case startsDiffer
  /// Another device corrected the treatment start, and this one does not have it yet: a date could
  /// not be told as days.
  case startCorrectedElsewhere
  /// The registrations are not one patient.
  case notMerged
  /// No head has this dot.
  case unknownHead(String)
  /// Nothing was written: every value is what stands there.
  case nothingToWrite
  /// The device is not enrolled at a centre.
  case notEnrolled
  /// The device is enrolled already.
  case alreadyEnrolled(server: String)
  /// The change could not be de-identified; the reason.
  case notDeidentifiable(reason: String)
  /// A batch could not be sealed or read; the reason.
  case batchRefused(reason: String)
  /// A bundle is not this site's from its centre, or is no bundle; nothing of it was taken.
  case bundleRefused(BundleFault)
  /// The centre or the way there failed.
  case remote(RemoteFailure)
  /// The centre's model was not taken; the reason.
  case modelRefused(ModelRefusal)
  /// No risk can be computed: these predictors are missing.
  case predictorsMissing([String])
  /// The model refuses the values; the reason.
  case notScorable(reason: String)
}

/// Why a bundle as a whole was not taken.
public enum BundleFault: Error, Hashable, Sendable {
  /// The file is no bundle, or ends before its batches begin.
  case form
  /// It is for the centre, not for a site.
  case forCenter
  /// It is another site's.
  case anotherSite(String)
  /// The pinned centre's key did not sign it.
  case signature(keyID: String)
}

/// Why a model release was not taken.
///
/// The release in use stays in use.
public enum ModelRefusal: Error, Equatable, Sendable {
  /// Signatures, form or root do not hold; the reason.
  case untrusted(reason: String)
  /// It is not newer than what is held.
  case notNewer(held: UInt64, offered: UInt64)
  /// The statement of the newest version has expired.
  case expired
  /// The scorer does not reproduce the release's own test vectors.
  case vectorsDiffer
}
