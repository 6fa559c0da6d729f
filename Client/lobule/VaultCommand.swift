// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import Replication
import SiteReplica

/// What concerns the identities as a whole.
struct VaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vault",
    abstract: "Keep the identities: keys, backups, and the way to another device.",
    subcommands: [
      VaultWriteCommand.self, VaultReadCommand.self, VaultPassphraseCommand.self,
      VaultRecoverCommand.self, VaultLockCommand.self, VaultUnlockCommand.self,
      VaultBackupCommand.self, VaultRestoreCommand.self, VaultRedactCommand.self,
    ]
  )
}

/// Writes a transfer file.
struct VaultWriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Write all identities to an encrypted file.",
    discussion: """
      Without --transfer-passphrase-file a one-time key is printed: carry it to the other device by \
      another way than the file.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "A file with a passphrase for the transfer file.")
  var transferPassphraseFile: String?
  @Argument(help: "The file to write.")
  var file: String

  private struct Answer: Encodable {
    let file: String
    let patients: Int
    let transferKey: String?
  }

  func run() throws {
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    var code: String?
    let secret: TransferSecret
    if let transferPassphraseFile {
      secret = .passphrase(Data(try VaultKeyFile.text(transferPassphraseFile).utf8))
    } else {
      let made = Vault.transferCode(using: &generator)
      code = made
      secret = .code(made)
    }
    let written = try store.writeTransfer(
      vault: vault,
      secret: secret,
      actor: LocalUser.actor(),
      using: &generator
    )
    try PrivateFile.write(written.file, to: file)
    if options.json {
      try JSONOutput.print(
        Answer(file: file, patients: written.patients, transferKey: code)
      )
      return
    }
    StandardStream.writeOutput("\(written.patients) identities written to \(file)\n")
    if let code { StandardStream.writeOutput("Transfer key (shown once): \(code)\n") }
  }
}

/// Reads a transfer file.
struct VaultReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Take identities from a transfer file; fields that differ are shown, never replaced."
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The transfer key, or - for standard input.")
  var key: String?
  @Option(help: "A file with the passphrase of the transfer file.")
  var transferPassphraseFile: String?
  @Argument(help: "The file to read.")
  var file: String

  private struct Answer: Encodable {
    let added, filled, corrected: Int
    let conflicts: [Conflict]
    let registeredTwice: [String]

    struct Conflict: Encodable {
      let mrn, field, here, there: String
    }
  }

  func run() throws {
    let secret = try secret()
    let bytes = try PrivateFile.read(file)
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    let result = try store.readTransfer(
      bytes,
      vault: vault,
      secret: secret,
      actor: LocalUser.actor(),
      using: &generator
    )
    let conflicts = try result.conflicts.map { conflict in
      Answer.Conflict(
        mrn: try vault.identity(of: conflict.patient)?.mrn ?? "",
        field: conflict.field,
        here: ValueText.text(conflict.here),
        there: ValueText.text(conflict.there)
      )
    }
    let twice = try result.registeredTwice.map { try vault.identity(of: $0)?.mrn ?? "" }
    if options.json {
      try JSONOutput.print(
        Answer(
          added: result.added,
          filled: result.filled,
          corrected: result.corrected,
          conflicts: conflicts,
          registeredTwice: twice
        )
      )
      return
    }
    printText(result, conflicts, twice)
  }

  private func secret() throws -> TransferSecret {
    if let transferPassphraseFile {
      return .passphrase(Data(try VaultKeyFile.text(transferPassphraseFile).utf8))
    }
    guard let key else {
      throw CommandFailure(
        .usage,
        what: "No key was given",
        todo: "Give --key KEY, --key -, or --transfer-passphrase-file FILE"
      )
    }
    return .code(key == "-" ? try VaultKeyFile.text("-") : key)
  }

  private func printText(
    _ result: TransferResult,
    _ conflicts: [Answer.Conflict],
    _ twice: [String]
  ) {
    StandardStream.writeOutput(
      "\(result.added) patients added, \(result.filled) blank fields filled\n"
    )
    if result.corrected > 0 {
      StandardStream.writeOutput(
        "\(result.corrected) treatment starts taken over that the other device had corrected\n"
      )
    }
    if !conflicts.isEmpty {
      var table = TextTable(["mrn", "field", "here (kept)", "in the file"])
      for conflict in conflicts {
        table.add([conflict.mrn, conflict.field, conflict.here, conflict.there])
      }
      StandardStream.writeOutput(
        table.text
          + "Nothing of these was replaced; lobule conflicts lists them until one is set with "
          + "lobule set.\n"
      )
    }
    if !twice.isEmpty {
      StandardStream.writeOutput(
        "Registered on both devices under one record number: \(twice.joined(separator: ", ")). "
          + "Check that they are one person, then run lobule merge.\n"
      )
    }
  }
}
