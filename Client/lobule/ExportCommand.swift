// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import SiteReplica

/// Writes the hospital's own record as CSV.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write this hospital's records to a new folder, as CSV in the columns of import.",
    discussion: """
      Without --identified the files hold what leaves the hospital: patient ids, ages, days from \
      treatment start. With it they name patients: keep them as you keep the vault. Both are noted \
      in the audit trail. To take identified files into an empty store, import patients.csv and \
      then readings.csv.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions

  @Argument(help: "A folder to make.")
  var folder: String

  @Flag(help: "Record numbers, identities and calendar dates too; opens the vault.")
  var identified = false

  private struct Answer: Encodable {
    let folder: String
    let identified: Bool
    let patients, readings, withoutIdentity, unknownValues: Int
    let files: [String]
  }

  func run() throws {
    let store = try options.openStore()
    let vault = identified ? try vaultOptions.openVault(of: store) : nil
    try PrivateFile.makeFolder(folder)
    let export = try store.exportRecords(vault: vault, actor: LocalUser.actor())
    let files = [
      ("patients.csv", export.patients), ("readings.csv", export.readings),
      ("conflicts.csv", export.conflicts),
    ]
    for (name, bytes) in files { try PrivateFile.write(bytes, to: "\(folder)/\(name)") }
    guard !options.json else {
      try JSONOutput.print(
        Answer(
          folder: folder,
          identified: identified,
          patients: export.patientCount,
          readings: export.readingCount,
          withoutIdentity: export.withoutIdentity,
          unknownValues: export.unknownValues,
          files: files.map(\.0)
        )
      )
      return
    }
    StandardStream.writeOutput(
      "\(export.patientCount) patients and \(export.readingCount) readings of single readers, "
        + "\(identified ? "identified" : "de-identified"), in \(folder).\n"
        + (export.withoutIdentity == 0
          ? ""
          : "\(export.withoutIdentity) patients have no identity on this device and bear their id.\n")
        + (export.unknownValues == 0
          ? ""
          : "\(export.unknownValues) values need a newer version of the study and are left out.\n")
    )
  }
}
