// SPDX-License-Identifier: Apache-2.0

/// Why the vault did not give or take what was asked.
public enum VaultError: Error, Equatable, Sendable {
  /// There is no vault in this folder.
  case missing
  /// A vault is there already.
  case alreadyThere
  /// The key, passphrase or recovery key does not open the vault.
  case wrongSecret
  /// The vault has no slot for a secret of this kind.
  case noSuchSlot(VaultSecret.Kind)
  /// The vault would be left without a secret that a person knows.
  case noOtherSecret
  /// The field says who the patient is and when treatment began: it is corrected, never emptied.
  case fieldIsNeeded(String)
  /// Nothing of this field is in the vault.
  case nothingToRedact(field: String)
  /// A sealed value does not open: damaged, or moved from another place.
  case damaged(field: String)
  /// A newer version of the program has written the vault; an older one never touches it.
  case newerVersion
  /// The database of the vault could not be used; the system's reason.
  case unusable(reason: String)
  /// Another program is writing to the vault and did not finish in time.
  case inUse
  /// A transfer file is not one, is damaged, or was written under another key.
  case unreadableTransfer
  /// A transfer file belongs to another site.
  case foreignTransfer(site: String)
}
