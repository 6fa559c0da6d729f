// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import SiteReplica

/// Decides a conflict.
struct ResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Decide a field in conflict.",
    usage: """
      lobule resolve -   (then type: MRN [EVENT] FIELD=VALUE)
      lobule resolve MRN [EVENT] FIELD=VALUE
      lobule resolve MRN [EVENT] FIELD --head DOT
      """,
    discussion: """
      `lobule conflicts` shows the values and their dots. The decision is an ordinary change that \
      has seen all of them, and reaches the other devices like any other.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The reader of an MRI reading.")
  var reader: String?
  @Option(help: "The dot of the value that is right, as shown by `lobule conflicts`.")
  var head: String?
  @Option(help: "What `lobule conflicts` printed as shown: refuse if it changed.")
  var shown: String?
  @Argument(help: "MRN [EVENT] FIELD=VALUE, any of them - for standard input.")
  var words: [String]

  func run() throws {
    let words = try PatientWords(words)
    guard let head else {
      guard !words.assignments.isEmpty, words.plain.count <= 1 else {
        throw CommandFailure(
          .usage,
          what: "No value was given",
          todo: "Write FIELD=VALUE, or FIELD --head DOT"
        )
      }
      try FormSaver(options: options, vaultOptions: vaultOptions).save(
        words,
        reader: reader,
        reason: nil,
        resolves: true,
        shown: ShownOption.read(shown)
      )
      return
    }
    try decide(words, for: head)
  }

  /// Takes one of the values that stand, by its head.
  private func decide(_ words: PatientWords, for head: String) throws {
    guard words.assignments.isEmpty, let field = words.plain.last, words.plain.count <= 2 else {
      throw CommandFailure(
        .usage,
        what: "--head takes one field without a value",
        todo: "Write MRN [EVENT] FIELD --head DOT"
      )
    }
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    let seen = try ShownOption.read(shown)
    let draft: FormDraft
    do {
      draft = try store.draftResolution(
        mrn: words.mrn,
        event: words.plain.count == 2 ? words.plain[0] : nil,
        reader: reader,
        field: field,
        head: head,
        shown: seen,
        vault: vault
      )
    } catch SiteReplicaError.changedMeanwhile(let fields) {
      let changed = ChangedValues(options: options, store: store, vault: vault)
      try changed.show(of: words.mrn, fields: fields, since: seen, entered: [])
      throw SiteReplicaError.changedMeanwhile(fields: fields)
    }
    try FormSaver(options: options, vaultOptions: vaultOptions).finish(
      draft,
      reason: .resolution,
      store: store,
      vault: vault,
      using: &generator
    )
  }
}
