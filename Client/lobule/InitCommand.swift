// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import Registry
import Replication
import SiteReplica

/// Makes the store of one device.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a store, a vault and a device key.",
    discussion: """
      The vault's key goes to a 0600 key file beside the store folder (DIR.vault-key): move it to \
      another disk or back it up apart, because a copy of both opens the vault. With \
      --passphrase-file the vault is opened by a passphrase instead. The recovery key is printed \
      once and kept nowhere: write it down, and try it with lobule vault recover --rehearse.
      """
  )

  @OptionGroup var options: StoreOptions
  @Option(help: "The site's code, as the coordinating centre gave it.")
  var site: String
  @Option(help: "Where the vault's key file shall be; by default DIR.vault-key.")
  var vaultKey: String?
  @Option(help: "A file with a passphrase for the vault, or - for standard input.")
  var passphraseFile: String?

  func run() throws {
    let folder = try options.folder()
    var generator = SystemRandomNumberGenerator()
    let keyPath = vaultKey ?? VaultKeyFile.defaultPath(store: folder)
    let secret: VaultSecret
    var keyText = ""
    if let passphraseFile {
      secret = .passphrase(Data(try VaultKeyFile.text(passphraseFile).utf8))
    } else {
      if FileManager.default.fileExists(atPath: keyPath) {
        throw CommandFailure(
          .refused,
          what: "A vault key file is there already",
          to: keyPath,
          todo: "Choose another place with --vault-key FILE"
        )
      }
      keyText = VaultKeyFile.draw(using: &generator)
      secret = .keyFile(Data(keyText.utf8))
    }
    // The key file first: a vault whose key was lost in a power cut would be useless.
    if passphraseFile == nil {
      if FileManager.default.fileExists(atPath: SiteStore.vaultPath(folder: folder)) {
        throw SiteReplicaError.storeAlreadyThere(folder: folder)
      }
      try PrivateFile.write(Data((keyText + "\n").utf8), to: keyPath)
    }
    let made = try make(folder, secret, keyPath: keyPath, using: &generator)
    if passphraseFile == nil { try made.store.setVaultKeyPath(keyPath) }
    try report(made.store, recoveryKey: made.recoveryKey, keyPath: keyPath)
  }

  private func make(
    _ folder: String,
    _ secret: VaultSecret,
    keyPath: String,
    using generator: inout SystemRandomNumberGenerator
  ) throws -> (store: SiteStore, vault: Vault, recoveryKey: String) {
    do {
      return try SiteStore.create(
        folder: folder,
        site: site,
        study: options.chosenStudy(),
        secret: secret,
        actor: LocalUser.actor(),
        using: &generator
      )
    } catch {
      if passphraseFile == nil { try? FileManager.default.removeItem(atPath: keyPath) }
      throw error
    }
  }

  private func report(_ store: SiteStore, recoveryKey: String, keyPath: String) throws {
    let status = try store.status()
    if options.json {
      struct Answer: Encodable {
        let site, replica, store, recoveryKey: String
        let vaultKey: String?
      }
      try JSONOutput.print(
        Answer(
          site: store.site,
          replica: status.replica.description,
          store: store.folder,
          recoveryKey: recoveryKey,
          vaultKey: passphraseFile == nil ? keyPath : nil
        )
      )
      return
    }
    StandardStream.writeOutput(
      """
      Store of site \(store.site) in \(store.folder)
      Recovery key (shown once, write it down): \(recoveryKey)

      """
    )
    if passphraseFile == nil {
      StandardStream.writeOutput("Vault key file, to be kept apart from the store: \(keyPath)\n")
    }
    StandardStream.writeOutput("Next: lobule import FILE.csv, or lobule enroll --server URL\n")
  }
}
