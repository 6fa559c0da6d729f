// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import Registry
import SiteReplica

/// Imports a CSV file.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import a CSV file, all of it or nothing.",
    discussion: """
      FILE may be `-` for standard input. Unusual values are taken and listed; impossible ones \
      refuse the file. A value that differs from the present one is refused unless --update is \
      given; a conflict is never overwritten. Blank cells are not given and delete nothing.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Argument(help: "The file, or - for standard input.")
  var file: String
  @Flag(help: "Check the file and write nothing.")
  var dryRun = false
  @Flag(help: "Replace values that differ from the present ones.")
  var update = false
  @Flag(help: "Take the good rows although others are refused.")
  var skipRefused = false

  private struct Answer: Encodable {
    let accepted, refused, changesets, newPatients: Int
    let dryRun: Bool
    let problems: [Entry]

    struct Entry: Encodable {
      let row: Int
      let column, code, message: String
      let warning: Bool
    }
  }

  func run() throws {
    let bytes = try PrivateFile.readOrInput(file)
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    var generator = SystemRandomNumberGenerator()
    let report = try store.importFile(
      bytes,
      options: ImportOptions(isDryRun: dryRun, updates: update, skipsRefused: skipRefused),
      vault: vault,
      actor: LocalUser.actor(),
      using: &generator
    )
    if options.json {
      let entries = report.problems.map {
        Answer.Entry(
          row: $0.row,
          column: $0.column,
          code: $0.code,
          message: $0.message,
          warning: $0.isWarning
        )
      }
      try JSONOutput.print(
        Answer(
          accepted: report.accepted,
          refused: report.refused,
          changesets: report.isFileRefused ? 0 : report.changesets,
          newPatients: report.newPatients,
          dryRun: dryRun,
          problems: entries
        )
      )
    } else {
      printText(report)
    }
    guard report.isFileRefused else { return }
    let count = report.problems.count { !$0.isWarning }
    StandardStream.writeError(
      CommandFailure(
        .refused,
        what: "The file was refused with \(count) problem\(count == 1 ? "" : "s")",
        to: file == "-" ? "standard input" : file,
        todo: "Correct the listed cells and import again, or take the rest with --skip-refused"
      ).message + " Nothing was changed.\n"
    )
    throw CommandEnd(.refused)
  }

  private func printText(_ report: ImportReport) {
    if !report.problems.isEmpty {
      var table = TextTable(["row", "column", "", "message"])
      for problem in report.problems {
        table.add([
          problem.row == 0 ? "file" : String(problem.row), problem.column,
          problem.isWarning ? "unusual" : "refused", problem.message,
        ])
      }
      StandardStream.writeOutput(table.text + "\n")
    }
    let verb = dryRun ? "would be accepted" : "accepted"
    StandardStream.writeOutput(
      "\(report.accepted) rows \(verb), \(report.refused) refused, "
        + "\(report.changesets) changes saved, \(report.newPatients) new patients\n"
    )
  }
}
