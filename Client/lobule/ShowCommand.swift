// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import SiteReplica

/// Shows one patient.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show everything recorded of one patient.",
    usage: """
      lobule show -   (then type the record number)
      lobule show MRN
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Argument(help: "The record number, or - for standard input.")
  var mrn: String

  struct Answer: Encodable {
    let mrn: String?
    let patient: String
    let identity: [String: String]
    /// The record numbers of the patient's other registrations.
    let mergedMrns: [String]
    let values: [Entry]
    let derived: [String: Double]
    let conflicts: Int
    /// What was shown, for `set --shown`.
    let shown: String
    /// Whether another device corrected the treatment start, so that dates are shown as days.
    let treatmentStartOutdated: Bool

    struct Entry: Encodable {
      let event, reader, field, value, unit: String
      let conflict: Bool
      let heads: [String]
    }
  }

  func run() throws {
    let words = try PatientWords([mrn])
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let record = try store.record(of: try store.patient(mrn: words.mrn, vault: vault), vault: vault)
    if options.json {
      try JSONOutput.print(answer(record, store.study))
    } else {
      StandardStream.writeOutput(text(record, store.study))
    }
  }

  private func answer(_ record: PatientRecord, _ study: Study) -> Answer {
    Answer(
      mrn: record.identity?.mrn,
      patient: record.patient.description,
      identity: (record.identity?.fields ?? [:]).mapValues(ValueText.text),
      mergedMrns: record.otherIdentities.compactMap(\.mrn),
      values: record.values.map {
        Answer.Entry(
          event: $0.address.row.event,
          reader: $0.address.row.reader,
          field: $0.address.field,
          value: $0.text,
          unit: $0.definition?.unit ?? "",
          conflict: $0.register.hasConflict,
          heads: $0.register.heads.map(\.dot.text)
        )
      },
      derived: derived(record, study),
      conflicts: record.conflictCount,
      shown: record.shown.text,
      treatmentStartOutdated: record.isStartOutdated
    )
  }

  private func derived(_ record: PatientRecord, _ study: Study) -> [String: Double] {
    var values: [String: Double] = [:]
    for index in study.derived { values[index.column] = record.row.number(index.column) }
    return values
  }

  private func note(_ value: RecordedValue, _ study: Study) -> String {
    let row = value.address.row
    if value.register.hasConflict { return "CONFLICT" }
    let isKnown = study.understands(value.register, value.address.field, event: row.event)
    return isKnown ? "" : "of a newer study"
  }

  private func text(_ record: PatientRecord, _ study: Study) -> String {
    var identity = TextTable(["identity", ""])
    for (field, value) in (record.identity?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      identity.add([field, ValueText.text(value)])
    }
    for other in record.otherIdentities.compactMap(\.mrn) {
      identity.add(["also registered as", other])
    }
    var values = TextTable(["event", "reader", "field", "value", "unit", ""])
    for value in record.values {
      values.add([
        value.address.row.event, value.address.row.reader, value.address.field, value.text,
        value.definition?.type == .date ? "" : value.definition?.unit ?? "",
        note(value, study),
      ])
    }
    var derived = TextTable(["computed", "value"])
    for (column, number) in self.derived(record, study).sorted(by: { $0.key < $1.key }) {
      derived.add([column, ValueText.text((number * 1e6).rounded() / 1e6)])
    }
    var text = identity.text + "\n" + values.text + "\n" + derived.text
    if record.conflictCount > 0 {
      text += "\n\(record.conflictCount) fields in conflict: run lobule conflicts\n"
    }
    if record.isStartOutdated {
      text +=
        "\nThe treatment start was corrected on another device: read its vault file with lobule "
        + "vault read. Until then dates are shown as days.\n"
    }
    if !record.values.isEmpty {
      text += "\nshown \(record.shown.text)\n"
    }
    return text
  }
}
