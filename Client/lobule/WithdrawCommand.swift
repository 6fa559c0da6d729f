// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import SiteReplica

/// Records that consent was withdrawn.
struct WithdrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw",
    abstract: "Record that consent was withdrawn: the patient leaves every later analysis.",
    usage: """
      lobule withdraw -   (then type the record number)
      lobule withdraw MRN [--restore]
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Flag(help: "Record that consent was given again.")
  var restore = false
  @Argument(help: "The record number, or - for standard input.")
  var mrn: String

  func run() throws {
    let words = try PatientWords([mrn])
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    _ = try store.patient(mrn: words.mrn, vault: vault)
    var generator = SystemRandomNumberGenerator()
    let field = store.study.profile.roles.withdrawn
    let draft = try store.draft(
      mrn: words.mrn,
      assignments: [Assignment(field: field, text: restore ? "0" : "1")],
      vault: vault,
      using: &generator
    )
    try FormSaver(options: options, vaultOptions: vaultOptions).finish(
      draft,
      reason: restore ? .consentRestored : .consentWithdrawn,
      store: store,
      vault: vault,
      using: &generator
    )
  }
}
