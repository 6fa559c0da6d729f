// SPDX-License-Identifier: Apache-2.0

/// What many worlds together must come across, so that their silence means something.
package enum Landmark: String, CaseIterable, Sendable {
  case crash, crashDuringSave, crashDuringSync, diskFull, syncFailed, centerFailed, centerCrashed
  case deviceCopied, deviceRestored, deviceRestoredByProgram, centerRestored
  case forked, savedDuringSync, savedWhileForking, headsMadeAnew
  case bundleRead, bundleDamaged, answerRead, manyReplies
  case clockStepped, upgraded, revoked, modelReleased, modelRefreshed, modelWithheld
  case conflict, resolved, changedMeanwhile, retracted, unretracted, merged, unmerged
  case consentWithdrawn, consentRestored, startCorrected
  case erased, erasedBesideEdits
}
