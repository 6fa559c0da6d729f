// SPDX-License-Identifier: Apache-2.0

/// Why the coordinating centre refused.
public enum CenterError: Error, Equatable, Sendable {
  /// The store could not be read or written; nothing was changed.
  case storage(String)
  /// A newer version of the program has written the store; an older one never touches it.
  case newerVersion
  /// Another process holds the store for longer than the bound.
  case inUse
  /// The store already holds a centre.
  case alreadyInitialised
  /// The store holds no centre yet.
  case notInitialised
  /// The code is not 1 to 32 letters, digits or hyphens, starting with a letter.
  case malformedSiteCode(String)
  /// Nobody added this site.
  case unknownSite(String)
  /// The site was revoked.
  case revokedSite(String)
  /// The site has no device of this name.
  case unknownDevice(String)
  /// The site exists under another name.
  case siteNamedOtherwise(code: String, name: String)
  /// The request was served before.
  case replayed
  /// The enrolment was refused.
  case enrolment(EnrolmentRefusal)
  /// No analysis plan is registered.
  case noPlan
  /// No data cut has this id.
  case unknownCut(String)
  /// The stored cut no longer has the hash it was made with.
  case cutDamaged(String)
  /// The audit log does not have the cut's plan registered before the cut was frozen.
  case planNotBeforeCut(String)
  /// What the cut was made from is not known: an earlier program made it.
  case originUnknown(String)
  /// A batch of the log is not what its author sealed, at this sequence.
  case logBroken(site: String, replica: String, sequence: UInt64)
  /// No candidate has this id.
  case unknownCandidate(String)
  /// The candidate was released already.
  case alreadyReleased(String)
  /// The candidate has not passed the gate and no reason was given for signing it.
  case ungated(String)
  /// The key is none of the model keys of the root document.
  case notAModelKey
  /// This model key has signed the candidate already.
  case signedAlready
  /// The candidate has fewer valid signatures than the root document asks for.
  case tooFewSignatures(have: Int, need: Int)
  /// The version of the candidate is not above the released one.
  case versionNotRising(candidate: UInt64, released: UInt64)
  /// No model of this version was released.
  case unknownRelease(UInt64)
  /// A root document was not taken, by the code of the model channel.
  case rootRefused(String)
  /// The released model bears too few signatures of the new root's model keys.
  case releaseUnsigned(have: Int, need: Int)
  /// The key of a device was not rotated.
  case rotation(RotationRefusal)
  /// A document of the model channel is missing or cannot be read.
  case channelDocument(String)
  /// The audit log is broken at this entry.
  case auditBroken(sequence: Int)
  /// The audit log does not continue the one that a checkpoint of this size was taken of.
  case auditForked(size: UInt64)
  /// The centre was never restored, so its audit log has no break.
  case noAuditBreak
  /// A statement about the audit log was not published.
  case auditBreakRefused(AuditBreakFault)
  /// A bundle was not taken as a whole.
  case bundle(CenterBundleFault)
}

/// Why a device's key was not rotated; the codes that travel.
public enum RotationRefusal: String, Error, CaseIterable, Sendable {
  /// The request has not the expected form, or the new key did not sign it.
  case malformed = "malformed_rotation"
  /// The new key is enrolled already, or was.
  case keyInUse = "key_in_use"
  /// The device has been given another key already.
  case rotatedAlready = "key_rotated_already"
}

/// Why a bundle as a whole was not taken.
public enum CenterBundleFault: Error, Hashable, Sendable {
  /// The file is no bundle, or ends before its batches begin.
  case form
  /// It is the centre's own answer for a site.
  case forSite(String)
  /// The device that it names did not sign it.
  case signature(keyID: String)
}

/// Why a device was not enrolled; the codes that travel.
public enum EnrolmentRefusal: String, Error, CaseIterable, Sendable {
  /// No such site, or no code of the site fits.
  case wrongCode = "enrolment_code_wrong"
  /// The code has enrolled another device.
  case usedCode = "enrolment_code_used"
  /// The code's 72 hours are over.
  case expiredCode = "enrolment_code_expired"
  /// The site was revoked.
  case revokedSite = "site_revoked"
  /// The device's key was revoked before.
  case revokedKey = "key_revoked"
  /// The device's key belongs to another site already.
  case keyOfAnotherSite = "key_of_another_site"
  /// The request has not the expected form.
  case malformed = "malformed_enrolment"
}
