// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation
import PooledAnalysis

/// The command `lobule-center export`.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the rows of a data cut, coarsened, or its tables, to a new folder.",
    discussion: "Every export is noted in the audit log before its files are written."
  )

  @OptionGroup var options: CenterOptions

  @Argument(help: "The data cut.")
  var cut: String

  @Argument(help: "A folder to make.")
  var folder: String

  @Flag(help: "Tables of counts with small cells hidden, instead of rows.")
  var tables = false

  @Flag(help: "Exact rows, for one named statistician.")
  var exact = false

  @Option(help: "Who gets exact rows.")
  var to: String?

  @Option(help: "Why exact rows are needed.")
  var reason: String?

  struct Result: Encodable {
    let cut: String
    let folder: String
    let form: String
    let patients: Int
    let files: [String]
    let withheld: [String: String]
  }

  func run() async throws {
    let recipient = try recipient()
    let center = try options.center()
    let study = try options.chosenStudy()
    _ = try center.cut(cut)
    try PrivateFile.makeFolder(folder)
    let now = SystemClock.now()
    let export =
      tables
      ? try CutExport.tables(of: cut, center: center, study: study, now: now)
      : try CutExport.rows(of: cut, center: center, study: study, exactFor: recipient, now: now)
    for file in export.files { try PrivateFile.write(file.bytes, to: "\(folder)/\(file.name)") }
    let result = Result(
      cut: cut,
      folder: folder,
      form: tables ? "tables" : exact ? "exact" : "coarse",
      patients: export.patients,
      files: export.files.map(\.name),
      withheld: export.withheld.mapValues(\.rawValue)
    )
    try options.print(result) {
      "\(result.form) export of cut \(cut), \(result.patients) patients, to \(folder): "
        + result.files.joined(separator: ", ") + "\n"
        + result.withheld.sorted { $0.key < $1.key }
        .map { "Not published: \($0.key) (\($0.value.replacing("_", with: " ")))\n" }.joined()
    }
  }

  private func recipient() throws(CommandFailure) -> CutExport.Recipient? {
    guard exact else {
      guard to == nil, reason == nil else {
        throw CommandFailure(
          .usage,
          what: "--to and --reason belong to exact rows",
          todo: "Add --exact, or leave them out"
        )
      }
      return nil
    }
    guard !tables, let to, !to.isEmpty, let reason, !reason.isEmpty else {
      throw CommandFailure(
        .usage,
        what: "Exact rows go to one named person for a stated reason",
        todo: "Give --exact --to NAME --reason TEXT, without --tables"
      )
    }
    return CutExport.Recipient(name: to, reason: reason)
  }
}
