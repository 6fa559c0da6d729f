// SPDX-License-Identifier: Apache-2.0

/// What many worlds together must come across, so that their silence means something.
enum Landmark: String, CaseIterable {
  case crash, crashDuringSync, diskFull, syncFailed, centerFailed
  case deviceCopied, deviceRestored, centerRestored, forked, conflict
}
