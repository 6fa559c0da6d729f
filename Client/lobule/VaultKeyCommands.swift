// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import SiteReplica

/// Sets or changes the passphrase.
struct VaultPassphraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passphrase",
    abstract: "Set or change the vault's passphrase; the earlier one opens nothing any more."
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "A file with the new passphrase, or - for standard input.")
  var newPassphraseFile: String

  private struct Answer: Encodable { let secrets: [String] }

  func run() throws {
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    try store.setPassphrase(
      Data(try VaultKeyFile.text(newPassphraseFile).utf8),
      of: vault,
      actor: LocalUser.actor(),
      using: &generator
    )
    if options.json {
      try JSONOutput.print(Answer(secrets: vault.secretKinds().map(\.rawValue).sorted()))
    } else {
      StandardStream.writeOutput("The new passphrase opens the vault.\n")
    }
  }
}

/// Uses the recovery key, or tries whether it could be used.
struct VaultRecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Open the vault with the recovery key and set a passphrase, or rehearse it.",
    usage: """
      lobule vault recover --rehearse --recovery-file -   (then type the recovery key)
      lobule vault recover --recovery-file FILE --new-passphrase-file FILE
      """,
    discussion: """
      A rehearsal reads every identity with the recovery key and changes nothing; the audit trail \
      says when it was done. A recovery key that was used is replaced: the new one is printed once.
      """
  )

  @OptionGroup var options: StoreOptions
  @Flag(help: "Try the recovery key and change nothing.")
  var rehearse = false
  @Option(help: "A file with the recovery key, or - for standard input.")
  var recoveryFile: String
  @Option(help: "A file with the new passphrase.")
  var newPassphraseFile: String?

  private struct Rehearsal: Encodable { let identities: Int }
  private struct Answer: Encodable { let recoveryKey: String }

  func run() throws {
    guard rehearse != (newPassphraseFile != nil) else {
      throw CommandFailure(
        .usage,
        what: "Neither or both of a rehearsal and a new passphrase were asked for",
        todo: "Give --rehearse, or --new-passphrase-file FILE"
      )
    }
    let key = try VaultKeyFile.text(recoveryFile)
    let store = try options.openStore()
    guard let newPassphraseFile else { return try rehearse(key, store) }
    let passphrase = Data(try VaultKeyFile.text(newPassphraseFile).utf8)
    let vault = try store.openVault(.recovery(key))
    var generator = SystemRandomNumberGenerator()
    try store.setPassphrase(passphrase, of: vault, actor: LocalUser.actor(), using: &generator)
    let renewed = try store.renewRecoveryKey(
      of: vault,
      actor: LocalUser.actor(),
      using: &generator
    )
    if options.json {
      try JSONOutput.print(Answer(recoveryKey: renewed))
    } else {
      StandardStream.writeOutput(
        """
        The new passphrase opens the vault. The recovery key that was used opens it no more.
        New recovery key (shown once, write it down): \(renewed)

        """
      )
    }
  }

  private func rehearse(_ key: String, _ store: SiteStore) throws {
    let count = try store.rehearseRecovery(key, actor: LocalUser.actor())
    if options.json {
      try JSONOutput.print(Rehearsal(identities: count))
    } else {
      StandardStream.writeOutput(
        "The recovery key opens all \(count) identities. Nothing was changed.\n"
      )
    }
  }
}

/// Takes the key file away.
struct VaultLockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock",
    abstract: "Remove the key file: until unlock, only the passphrase opens the vault.",
    discussion: """
      Needs a passphrase (lobule vault passphrase). Sync, bundles and the score from typed inputs \
      go on: they need no identity. A copy of the key file opens nothing any more.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions

  private struct Answer: Encodable { let locked: Bool }

  func run() throws {
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    try store.lockVault(vault, actor: LocalUser.actor())
    // The slot is gone already: a file that cannot be removed opens nothing.
    for place in try vaultOptions.keyPlaces(of: store) { unlink(place) }
    if options.json {
      try JSONOutput.print(Answer(locked: true))
    } else {
      StandardStream.writeOutput("The vault is locked. lobule vault unlock opens it again.\n")
    }
  }
}

/// Makes a new key file.
struct VaultUnlockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock",
    abstract: "Make a new key file with the passphrase or the recovery key."
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions

  private struct Answer: Encodable { let vaultKey: String }

  func run() throws {
    guard vaultOptions.passphraseFile != nil || vaultOptions.recoveryFile != nil else {
      throw CommandFailure(
        .usage,
        what: "Nothing was given that opens the vault",
        todo: "Give --passphrase-file FILE or --recovery-file FILE, or - for standard input"
      )
    }
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let path =
      try vaultOptions.vaultKey ?? store.vaultKeyPath()
      ?? VaultKeyFile.defaultPath(store: store.folder)
    var generator = SystemRandomNumberGenerator()
    let text = VaultKeyFile.draw(using: &generator)
    // The file first: a slot whose key was lost in a power cut would be useless.
    try PrivateFile.write(Data((text + "\n").utf8), to: path)
    try store.unlockVault(
      vault,
      keyFile: Data(text.utf8),
      actor: LocalUser.actor(),
      using: &generator
    )
    try store.setVaultKeyPath(path)
    if options.json {
      try JSONOutput.print(Answer(vaultKey: path))
    } else {
      StandardStream.writeOutput("The vault is unlocked by the key file \(path).\n")
    }
  }
}
