// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import SiteReplica

/// Saves a form.
struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Save values of one patient.",
    usage: """
      lobule set -   (then type: MRN [EVENT] FIELD=VALUE …)
      lobule set MRN [EVENT] [--reader R] FIELD=VALUE …
      """,
    discussion: """
      With `-` the words are read from standard input and never stand in the process list. An \
      unknown record number registers a patient and needs treatment_start=YEAR-MONTH-DAY. The \
      settled reading is meant unless --reader names one. A missing value is not_done, not_known \
      or not_applicable. A field in conflict is decided with `lobule resolve`.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The reader of an MRI reading.")
  var reader: String?
  @Option(help: "Why an earlier value changes: correction, transcription, wrong_unit, remeasured …")
  var reason: String?
  @Option(help: "What `lobule show` or `lobule conflicts` printed as shown: refuse if it changed.")
  var shown: String?
  @Argument(help: "MRN [EVENT] FIELD=VALUE …, any of them - for standard input.")
  var words: [String]

  func run() throws {
    let words = try PatientWords(words)
    guard !words.assignments.isEmpty, words.plain.count <= 1 else {
      throw CommandFailure(
        .usage,
        what: "No value was given, or more than one event",
        todo: "Write MRN [EVENT] FIELD=VALUE …"
      )
    }
    try FormSaver(options: options, vaultOptions: vaultOptions).save(
      words,
      reader: reader,
      reason: reason,
      resolves: false,
      shown: ShownOption.read(shown)
    )
  }
}

/// Drafts and saves a form for `set` and `resolve`.
struct FormSaver {
  let options: StoreOptions
  let vaultOptions: VaultOptions

  private struct Answer: Encodable {
    let changes: Int
    let newPatient: Bool
    let replica: String?
    let sequence: UInt64?
    let warnings: [Problem]
  }

  func save(
    _ words: PatientWords,
    reader: String?,
    reason: String?,
    resolves: Bool,
    shown: ShownHeads?
  ) throws {
    let reason = try reason.map(Self.reason)
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    let draft: FormDraft
    do {
      draft = try store.draft(
        mrn: words.mrn,
        event: words.event,
        reader: reader,
        assignments: words.assignments,
        resolves: resolves,
        shown: shown,
        vault: vault,
        using: &generator
      )
    } catch SiteReplicaError.changedMeanwhile(let fields) {
      let changed = ChangedValues(options: options, store: store, vault: vault)
      try changed.show(of: words.mrn, fields: fields, since: shown, entered: words.assignments)
      throw SiteReplicaError.changedMeanwhile(fields: fields)
    }
    try finish(draft, reason: reason, store: store, vault: vault, using: &generator)
  }

  func finish(
    _ draft: FormDraft,
    reason: ChangeReason?,
    store: SiteStore,
    vault: Vault,
    using generator: inout SystemRandomNumberGenerator
  ) throws {
    guard draft.changeCount > 0 else {
      if options.json {
        try JSONOutput.print(
          Answer(changes: 0, newPatient: false, replica: nil, sequence: nil, warnings: [])
        )
      } else {
        StandardStream.writeOutput("Nothing to save: these values stand already.\n")
      }
      return
    }
    let dot = try store.save(
      draft,
      reason: reason,
      vault: vault,
      actor: LocalUser.actor(),
      using: &generator
    )
    if options.json {
      try JSONOutput.print(
        Answer(
          changes: draft.changeCount,
          newPatient: draft.isNew,
          replica: dot?.replica.description,
          sequence: dot?.sequence,
          warnings: draft.warnings
        )
      )
      return
    }
    for warning in draft.warnings {
      StandardStream.writeError("Unusual, but saved: \(warning.message)\n")
    }
    let unsent = try store.status().unsent
    StandardStream.writeOutput(
      "Saved \(draft.changeCount) value\(draft.changeCount == 1 ? "" : "s")"
        + (draft.isNew ? " of a new patient" : "") + ". \(unsent) changes not yet sent.\n"
    )
  }

  static func reason(_ text: String) throws(CommandFailure) -> ChangeReason {
    guard let reason = ChangeReason(rawValue: text) else {
      throw CommandFailure(
        .usage,
        what: "The reason is not known",
        to: "--reason",
        todo: "Use one of " + ChangeReason.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    return reason
  }
}
