// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import RiskModel
import SiteReplica

/// Lists the patients.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the patients of this store."
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions

  private struct Answer: Encodable {
    let patients: [Entry]

    struct Entry: Encodable {
      let mrn: String?
      let patient: String
      let treatmentStart: String?
      let values: Int
      let conflicts: Int
      let missingPredictors: [String]
    }
  }

  func run() throws {
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let columns = try store.activeModel().release.inputColumns
    let entries = try store.records(vault: vault).map { record in
      Answer.Entry(
        mrn: record.identity?.mrn,
        patient: record.patient.description,
        treatmentStart: record.identity?.treatmentStart?.iso,
        values: record.values.count,
        conflicts: record.conflictCount,
        missingPredictors: columns.filter { record.row.number($0) == nil }
      )
    }
    .sorted { ($0.mrn ?? "~", $0.patient) < ($1.mrn ?? "~", $1.patient) }
    guard !options.json else {
      try JSONOutput.print(Answer(patients: entries))
      return
    }
    var table = TextTable([
      "mrn", "treatment start", "values", "conflicts", "not scorable for want of",
    ])
    for entry in entries {
      table.add([
        entry.mrn ?? "(identity not on this device)", entry.treatmentStart ?? "",
        String(entry.values), String(entry.conflicts),
        entry.missingPredictors.joined(separator: ", "),
      ])
    }
    StandardStream.writeOutput(table.text + "\(entries.count) patients\n")
  }
}
