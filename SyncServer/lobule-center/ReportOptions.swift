// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import PooledAnalysis

/// Where a printed report and its numbers go.
struct ReportOptions: ParsableArguments {
  @Option(help: "Where to write the printable report, in English and Chinese.")
  var report: String?

  @Option(help: "The language that the report opens in: en or zh.", transform: Self.language)
  var language: ReportLanguage = .english

  @Option(help: "A folder for the report's numbers: one CSV file a table, and report.json.")
  var reportData: String?

  private static func language(_ text: String) throws -> ReportLanguage {
    guard let language = ReportLanguage(rawValue: text) else {
      throw ValidationError("'\(text)' is no language of the report; give en or zh.")
    }
    return language
  }

  /// Whether anything is written.
  var isAsked: Bool { report != nil || reportData != nil }

  /// Writes what was asked for.
  func write(_ content: ReportContent) throws {
    if let report {
      let page = ReportHTML.page(content, first: language)
      try PrivateFile.write(Data(page.utf8), to: report)
    }
    guard let folder = reportData else { return }
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    for table in ReportTables.all(content) {
      try PrivateFile.write(Data(table.csv.utf8), to: "\(folder)/\(table.name).csv")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try PrivateFile.write(
      try encoder.encode(ReportDocument(content)),
      to: "\(folder)/report.json"
    )
  }
}
