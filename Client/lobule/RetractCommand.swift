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

  @OptionGroup var target: OneField

  func run() throws {
    try target.save(reason: .retraction) { store, words, field, vault in
      try store.draftRetraction(
        mrn: words.mrn,
        event: words.fieldEvent,
        reader: target.reader,
        field: field,
        vault: vault
      )
    }
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

  @OptionGroup var target: OneField

  func run() throws {
    try target.save(reason: .unretraction) { store, words, field, vault in
      try store.draftUnretraction(
        mrn: words.mrn,
        event: words.fieldEvent,
        reader: target.reader,
        field: field,
        vault: vault
      )
    }
  }
}

/// One field of one patient, named without a value.
struct OneField: ParsableArguments {
  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The reader of an MRI reading.")
  var reader: String?
  @Argument(help: "MRN [EVENT] FIELD, any of them - for standard input.")
  var words: [String]

  /// Saves what the draft says of the field that was named.
  func save(
    reason: ChangeReason,
    draft: (SiteStore, PatientWords, String, Vault) throws -> FormDraft
  ) throws {
    let words = try PatientWords(words)
    let field = try words.onlyField()
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    try FormSaver(options: options, vaultOptions: vaultOptions).finish(
      try draft(store, words, field, vault),
      reason: reason,
      store: store,
      vault: vault,
      using: &generator
    )
  }
}

extension PatientWords {
  /// The event named before the field; nil when only the field is named.
  fileprivate var fieldEvent: String? { plain.count == 2 ? plain[0] : nil }

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
