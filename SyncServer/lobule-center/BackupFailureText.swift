// SPDX-License-Identifier: Apache-2.0

import CenterService
import CommandSupport

/// Says why a backup was not made or not taken back.
enum BackupFailureText {
  static func describe(_ fault: CenterBackupFault) -> CommandFailure {
    switch fault {
    case .alreadyThere(let path):
      CommandFailure(
        .refused,
        what: "The folder is there already",
        to: path,
        todo: "Name a new one: a backup never overwrites anything"
      )
    case .noBackup(let path):
      CommandFailure(
        .refused,
        what: "The folder holds no whole backup of a centre",
        to: path,
        todo: "Name a folder that `lobule-center backup` made"
      )
    case .fileDiffers(let path):
      CommandFailure(
        .refused,
        what: "A file of the backup is not the one that was written",
        to: path,
        todo: "Nothing was restored; take another backup"
      )
    case .storeBroken(let reason):
      CommandFailure(
        .refused,
        what: "The copied store is broken",
        to: reason,
        todo: "Nothing was kept; run `lobule-center doctor`, or take another backup"
      )
    case .keysMissing(let paths):
      CommandFailure(
        .refused,
        what: "Keys or certificates of the centre are missing",
        to: paths.joined(separator: ", "),
        todo: "Name the folder of the backup's keys with --keys, or put them into DATA"
      )
    case .keyDiffers(let path):
      CommandFailure(
        .refused,
        what: "The key is not the one that sites know this centre by",
        to: path,
        todo: "Name the folder of this centre's own keys with --keys"
      )
    }
  }
}
