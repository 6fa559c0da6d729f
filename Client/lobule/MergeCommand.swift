// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Replication
import SiteReplica

/// Says that two registrations are one patient.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Say that two registrations are one patient; lobule unmerge takes it back.",
    usage: """
      lobule merge -   (then type: MRN MRN)
      lobule merge MRN MRN
      """,
    discussion: """
      Nothing is rewritten: the values of both stand together, and different ones show as \
      conflicts. Two registrations under one number are merged by giving it twice.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Argument(help: "Two record numbers, or - for standard input.")
  var words: [String]

  func run() throws {
    let pair = try RegistrationPair(words)
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let merged = try store.merge(pair.first, pair.second, vault: vault, actor: LocalUser.actor())
    try MergeAnswer(merged, store: store).print(options, "are one patient")
  }
}

/// Says that two registrations are not one patient.
struct UnmergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmerge",
    abstract: "Say that the second registration is another patient than the first.",
    usage: """
      lobule unmerge -   (then type: MRN MRN)
      lobule unmerge MRN MRN
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Argument(help: "Two record numbers, or - for standard input.")
  var words: [String]

  func run() throws {
    let pair = try RegistrationPair(words)
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let rest = try store.unmerge(pair.first, pair.second, vault: vault, actor: LocalUser.actor())
    try MergeAnswer(rest, store: store).print(options, "stay with the first")
  }
}

/// `MRN MRN` as typed.
private struct RegistrationPair {
  let first: String
  let second: String

  init(_ words: [String]) throws(CommandFailure) {
    let words = try WordSource.resolve(words)
    guard words.count == 2 else {
      throw CommandFailure(
        .usage,
        what: "Two record numbers are needed",
        todo: "Write MRN MRN, or - and type them as input"
      )
    }
    (first, second) = (words[0], words[1])
  }
}

/// What both commands print.
private struct MergeAnswer: Encodable {
  let patient: String
  let registrations: [String]
  let conflicts: Int

  init(_ merged: MergedRegistrations, store: SiteStore) throws {
    patient = merged.patient.description
    registrations = merged.registrations.map(\.description)
    conflicts = try store.status().conflicts
  }

  func print(_ options: StoreOptions, _ fact: String) throws {
    guard !options.json else { return try JSONOutput.print(self) }
    let count = registrations.count
    StandardStream.writeOutput(
      "\(count) registration\(count == 1 ? "" : "s") \(fact). "
        + "\(conflicts) fields in conflict.\n"
    )
  }
}
