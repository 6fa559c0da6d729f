// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import SiteReplica

/// Says errors of the vault in sentences.
enum VaultFailureText {
  static func describe(_ error: VaultError) -> CommandFailure {
    switch error {
    case .missing:
      CommandFailure(
        .refused,
        what: "The store has no vault",
        to: "vault.sqlite",
        todo: "Restore it from a backup"
      )
    case .alreadyThere:
      CommandFailure(.refused, what: "A vault is there already", todo: "Choose another folder")
    case .wrongSecret:
      CommandFailure(
        .refused,
        what: "The key does not open the vault",
        todo: "Give the right --vault-key, --passphrase-file or --recovery-file"
      )
    case .noSuchSlot(let kind):
      CommandFailure(
        .refused,
        what: "The vault is not opened by a \(kind.rawValue.replacing("_", with: " "))",
        todo: "Give the kind of key that was chosen at init, or the recovery key"
      )
    case .damaged(let field):
      CommandFailure(
        .failed,
        what: "A value in the vault is damaged",
        to: field,
        todo: "Copy the folder before anything else, and restore the vault from a backup"
      )
    default: access(error)
    }
  }

  private static func access(_ error: VaultError) -> CommandFailure {
    switch error {
    case .newerVersion:
      CommandFailure(
        .refused,
        what: "A newer version of this program has written the vault",
        todo: "Use that version; nothing was changed"
      )
    case .unusable(let reason):
      CommandFailure(
        .failed,
        what: "The vault could not be used (\(reason))",
        todo: "Check the disk's space and permissions"
      )
    case .inUse:
      CommandFailure(
        .refused,
        what: "Another program is writing to the vault",
        todo: "Try again in a moment"
      )
    case .unreadableTransfer:
      CommandFailure(
        .refused,
        what: "The transfer file does not open with this key",
        todo: "Check the key and that the file was copied whole"
      )
    case .foreignTransfer(let site):
      CommandFailure(
        .refused,
        what: "The transfer file belongs to another site",
        to: site,
        todo: "Identities never move between sites"
      )
    default: keeping(error)
    }
  }

  private static func keeping(_ error: VaultError) -> CommandFailure {
    switch error {
    case .noOtherSecret:
      CommandFailure(
        .refused,
        what: "Nothing that a person knows would open the vault",
        todo: "Set a passphrase first with lobule vault passphrase"
      )
    case .fieldIsNeeded(let field):
      CommandFailure(
        .refused,
        what: "The field cannot be emptied",
        to: field,
        todo: "Correct it with lobule set; then redact removes what stood before"
      )
    case .nothingToRedact(let field):
      CommandFailure(
        .refused,
        what: "The vault has nothing to remove",
        to: field,
        todo: "Check the field's name"
      )
    default:
      CommandFailure(.failed, what: "The vault could not be used")
    }
  }
}
