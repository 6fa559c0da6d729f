// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import SiteReplica

/// Copies the store.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy store, vault and device key into a new folder.",
    discussion: """
      The vault's key file is not among them: back it up apart, because a copy of both opens the \
      vault.
      """
  )

  @OptionGroup var options: StoreOptions
  @Flag(help: "Leave the vault out: back it up apart with lobule vault backup.")
  var withoutVault = false
  @Argument(help: "The folder to make.")
  var folder: String

  private struct Answer: Encodable { let backup: String }

  func run() throws {
    try options.openStore().backup(to: folder, withVault: !withoutVault)
    if options.json {
      try JSONOutput.print(Answer(backup: folder))
    } else {
      let missing = withoutVault ? "The vault and its key file are" : "The vault's key file is"
      StandardStream.writeOutput("Backup made in \(folder). \(missing) not in it.\n")
    }
  }
}

/// Makes a store of a backup.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a store of a backup; the next sync brings what it lacks."
  )

  @OptionGroup var options: StoreOptions
  @Argument(help: "The folder that lobule backup made.")
  var folder: String

  private struct Answer: Encodable { let store, replica: String }

  func run() throws {
    let store = try options.folder()
    var generator = SystemRandomNumberGenerator()
    let replica = try SiteStore.restore(
      from: folder,
      to: store,
      study: options.chosenStudy(),
      actor: LocalUser.actor(),
      using: &generator
    ).description
    if options.json {
      try JSONOutput.print(Answer(store: store, replica: replica))
    } else {
      StandardStream.writeOutput(
        """
        Store restored in \(store). It writes under a new replica id from now on, and nothing is \
        lost: run lobule sync, which brings what was saved after the backup.

        """
      )
    }
  }
}
