// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Replication
import SiteReplica

/// The audit trail of this device.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "List or verify who changed what, when and why on this device.",
    subcommands: [
      AuditListCommand.self, AuditVerifyCommand.self, AuditCheckpointsCommand.self,
    ],
    defaultSubcommand: AuditListCommand.self
  )
}

/// Lists the audit trail.
struct AuditListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the entries, oldest first."
  )

  @OptionGroup var options: StoreOptions

  private struct Answer: Encodable {
    let entries: [Entry]

    struct Entry: Encodable {
      let number: Int64
      let at, who, action: String
      let patient, replica: String?
      let sequence: UInt64?
      let reason: String?
      let changes: [AuditChange]
    }
  }

  func run() throws {
    let entries = try options.openStore().auditEntries().map { entry in
      let details = entry.fieldDetails
      return Answer.Entry(
        number: entry.number,
        at: UTCText.text(entry.at),
        who: entry.who,
        action: entry.action,
        patient: entry.patient?.description,
        replica: entry.dot?.replica.description,
        sequence: entry.dot?.sequence,
        reason: details?.reason,
        changes: details?.changes ?? []
      )
    }
    guard !options.json else {
      try JSONOutput.print(Answer(entries: entries))
      return
    }
    var table = TextTable(["", "when", "who", "what", "patient", "reason", "fields"])
    for entry in entries {
      let fields = entry.changes.prefix(3).map { change in
        "\(change.field) \(change.old.isEmpty ? "" : change.old + " → ")\(change.new)"
      }
      let rest = entry.changes.count > 3 ? " and \(entry.changes.count - 3) more" : ""
      table.add([
        String(entry.number), entry.at, entry.who, entry.action,
        String((entry.patient ?? "").prefix(8)), entry.reason ?? "",
        fields.joined(separator: ", ") + rest,
      ])
    }
    StandardStream.writeOutput(table.text)
  }
}

/// Verifies the audit trail.
struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that no entry was changed afterwards."
  )

  @OptionGroup var options: StoreOptions

  private struct Answer: Encodable {
    let entries: Int
    let intact: Bool
    let firstBreak: Int64?
  }

  func run() throws {
    let store = try options.openStore()
    let count = try store.auditEntries().count
    let broken = try store.firstAuditBreak()
    if options.json {
      try JSONOutput.print(Answer(entries: count, intact: broken == nil, firstBreak: broken))
    } else if broken == nil {
      StandardStream.writeOutput("\(count) entries, none changed afterwards.\n")
    }
    if let broken {
      throw CommandFailure(
        .refused,
        what: "The audit trail was changed",
        to: "entry \(broken)",
        todo: "Keep this store as it is, and compare it with a backup"
      )
    }
  }
}

/// Prints what this device saw of the centre's audit log.
struct AuditCheckpointsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoints",
    abstract: "Print the checkpoints of the centre's audit log that this device keeps.",
    discussion: """
      Each is the centre's signed word on how long its log was and what stood in it. Given one, \
      lobule-center audit verify --against FILE tells whether the log was only added to since.
      """
  )

  @OptionGroup var options: StoreOptions
  @Flag(help: "Print the last one alone, as a file for the centre.")
  var last = false

  private struct Answer: Encodable {
    let checkpoints: [Entry]

    struct Entry: Encodable {
      let at: String
      let continued: Bool
      let note: String
    }
  }

  func run() throws {
    var kept = try options.openStore().witnessedCheckpoints()
    if last { kept = kept.suffix(1) }
    guard !options.json else {
      let entries = kept.map {
        Answer.Entry(at: UTCText.text($0.at), continued: $0.isContinuation, note: $0.note)
      }
      try JSONOutput.print(Answer(checkpoints: entries))
      return
    }
    for checkpoint in kept {
      let heading =
        UTCText.text(checkpoint.at)
        + (checkpoint.isContinuation ? "" : ": NOT a continuation of the log seen before")
      StandardStream.writeOutput(last ? checkpoint.note : "\(heading)\n\(checkpoint.note)\n")
    }
  }
}
