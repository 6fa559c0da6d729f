// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import SiteReplica

/// Retracts values that were entered in error.
struct RetractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retract",
    abstract: "Mark a value as entered in error; it stays in the audit trail.",
    usage: """
      lobule retract -   (then type: MRN [EVENT] FIELD)
      lobule retract MRN [EVENT] FIELD
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The reader of an MRI reading.")
  var reader: String?
  @Argument(help: "MRN [EVENT] FIELD, any of them - for standard input.")
  var words: [String]

  func run() throws {
    let words = try PatientWords(words)
    let field = try words.onlyField()
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    let draft = try store.draftRetraction(
      mrn: words.mrn,
      event: words.plain.count == 2 ? words.plain[0] : nil,
      reader: reader,
      field: field,
      vault: vault
    )
    try FormSaver(options: options, vaultOptions: vaultOptions).finish(
      draft,
      reason: .retraction,
      store: store,
      vault: vault,
      using: &generator
    )
  }
}

/// Takes retractions back.
struct UnretractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unretract",
    abstract: "Take a retraction back: the value before it stands again.",
    usage: """
      lobule unretract -   (then type: MRN [EVENT] FIELD)
      lobule unretract MRN [EVENT] FIELD
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The reader of an MRI reading.")
  var reader: String?
  @Argument(help: "MRN [EVENT] FIELD, any of them - for standard input.")
  var words: [String]

  func run() throws {
    let words = try PatientWords(words)
    let field = try words.onlyField()
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    let draft = try store.draftUnretraction(
      mrn: words.mrn,
      event: words.plain.count == 2 ? words.plain[0] : nil,
      reader: reader,
      field: field,
      vault: vault
    )
    try FormSaver(options: options, vaultOptions: vaultOptions).finish(
      draft,
      reason: .unretraction,
      store: store,
      vault: vault,
      using: &generator
    )
  }
}

extension PatientWords {
  /// The one field of `MRN [EVENT] FIELD`.
  fileprivate func onlyField() throws(CommandFailure) -> String {
    guard assignments.isEmpty, let field = plain.last, plain.count <= 2 else {
      throw CommandFailure(
        .usage,
        what: "One field without a value is named at a time",
        todo: "Write MRN [EVENT] FIELD"
      )
    }
    return field
  }
}
