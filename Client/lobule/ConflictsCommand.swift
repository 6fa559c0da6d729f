// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Replication
import SiteReplica

/// Shows the conflicts.
struct ConflictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "Show every field in conflict, its values and where they come from."
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions

  private struct Answer: Encodable {
    let conflicts: [Entry]
    /// Identity fields that another device of the hospital holds otherwise.
    let identities: [IdentityEntry]

    struct IdentityEntry: Encodable {
      let mrn: String?
      let patient, field, here, there: String
    }

    struct Entry: Encodable {
      let mrn: String?
      let patient, event, reader, field: String
      let provisional: String?
      /// What was shown, for `resolve --shown`.
      let shown: String
      let values: [Side]
    }

    struct Side: Encodable {
      let value, origin, head: String
      let own, provisional: Bool
      let at: String?
    }
  }

  func run() throws {
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let reports = try store.conflicts(vault: vault)
    let identities = try vault.differing().map { conflict in
      Answer.IdentityEntry(
        mrn: try vault.identity(of: conflict.patient)?.mrn,
        patient: conflict.patient.description,
        field: conflict.field,
        here: ValueText.text(conflict.here),
        there: ValueText.text(conflict.there)
      )
    }
    guard !options.json else {
      try JSONOutput.print(Answer(conflicts: reports.map(entry), identities: identities))
      return
    }
    guard !reports.isEmpty || !identities.isEmpty else {
      StandardStream.writeOutput("No conflicts.\n")
      return
    }
    reports.forEach(printText)
    printText(identities)
    if !reports.isEmpty {
      StandardStream.writeOutput(
        "\(reports.count) field\(reports.count == 1 ? "" : "s") in conflict. Decide with "
          + "lobule resolve - and type MRN [EVENT] FIELD=VALUE.\n"
          + "With --shown and the word after \"shown\", a value that arrives meanwhile refuses the "
          + "decision.\n"
      )
    }
  }

  private func printText(_ report: ConflictReport) {
    let place = [
      report.mrn ?? "patient \(report.address.row.patient)", report.address.row.event,
      report.address.row.reader, report.address.field,
    ].filter { !$0.isEmpty }.joined(separator: " ")
    var table = TextTable(["value", "from", "", "head", ""])
    for side in report.sides {
      table.add([
        side.text, side.isOwn ? "this device, \(side.origin)" : side.origin, time(side),
        side.dot.text, side.isProvisional ? "used until decided" : "",
      ])
    }
    StandardStream.writeOutput("\(place)\n\(table.text)shown \(report.shown.text)\n\n")
  }

  private func printText(_ identities: [Answer.IdentityEntry]) {
    guard !identities.isEmpty else { return }
    var table = TextTable(["mrn", "identity", "on this device (used)", "on another device"])
    for entry in identities {
      table.add([entry.mrn ?? entry.patient, entry.field, entry.here, entry.there])
    }
    StandardStream.writeOutput(
      table.text
        + "\(identities.count) identity field\(identities.count == 1 ? "" : "s") differ between "
        + "devices. Decide with lobule set - and type MRN FIELD=VALUE, also when the value here is "
        + "right.\n\n"
    )
  }

  private func time(_ side: ConflictReport.Side) -> String {
    guard let at = side.at else { return "" }
    return (side.isOwn ? "saved " : "arrived ") + UTCText.text(at)
  }

  private func entry(_ report: ConflictReport) -> Answer.Entry {
    Answer.Entry(
      mrn: report.mrn,
      patient: report.address.row.patient.description,
      event: report.address.row.event,
      reader: report.address.row.reader,
      field: report.address.field,
      provisional: report.sides.first(where: \.isProvisional)?.text,
      shown: report.shown.text,
      values: report.sides.map {
        Answer.Side(
          value: $0.text,
          origin: $0.origin,
          head: $0.dot.text,
          own: $0.isOwn,
          provisional: $0.isProvisional,
          at: $0.at.map(UTCText.text)
        )
      }
    )
  }
}
