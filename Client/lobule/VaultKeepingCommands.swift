// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import SiteReplica

/// Copies the vault alone.
struct VaultBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the vault alone to a new file, to be kept apart from the data's backup.",
    discussion: "The file opens with the vault's secrets and with nothing else."
  )

  @OptionGroup var options: StoreOptions
  @Argument(help: "The file to make.")
  var file: String

  private struct Answer: Encodable { let file: String }

  func run() throws {
    try options.openStore().backupVault(to: file)
    if options.json {
      try JSONOutput.print(Answer(file: file))
    } else {
      StandardStream.writeOutput("Vault copied to \(file).\n")
    }
  }
}

/// Puts a vault back.
struct VaultRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put the vault of a vault backup in the place of a missing one."
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Argument(help: "The file that lobule vault backup made.")
  var file: String

  private struct Answer: Encodable { let identities: Int }

  func run() throws {
    let store = try options.openStore()
    let count = try store.restoreVault(from: file, secret: vaultOptions.secret(for: store))
    if options.json {
      try JSONOutput.print(Answer(identities: count))
    } else {
      StandardStream.writeOutput("The vault holds \(count) identities.\n")
    }
  }
}

/// Removes an identity value that was entered by mistake.
struct VaultRedactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact",
    abstract: "Remove an identity value entered by mistake, with all that stood there before.",
    usage: """
      lobule vault redact -   (then type: MRN FIELD)
      lobule vault redact MRN FIELD
      """,
    discussion: """
      The audit trail keeps who removed something from which field of which patient, and when. Of \
      record number, date of birth and treatment start, what stood before goes: correct them first. \
      Backups made earlier, and other devices, still hold what was removed: run it there too.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Argument(help: "MRN FIELD, or - for standard input.")
  var words: [String]

  private struct Answer: Encodable { let removed: Int }

  func run() throws {
    let words = try WordSource.resolve(words)
    guard words.count == 2 else {
      throw CommandFailure(
        .usage,
        what: "A record number and a field are needed",
        todo: "Write MRN FIELD, or - and type them as input"
      )
    }
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let removed = try store.redact(words[1], of: words[0], vault: vault, actor: LocalUser.actor())
    if options.json {
      try JSONOutput.print(Answer(removed: removed))
    } else {
      StandardStream.writeOutput(
        "\(removed) value\(removed == 1 ? "" : "s") removed. The audit trail says so.\n"
      )
    }
  }
}
