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
    subcommands: [AuditListCommand.self, AuditVerifyCommand.self],
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
