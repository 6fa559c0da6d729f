// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CenterService
import CommandSupport
import Foundation
import PooledAnalysis
import Registry

/// The command `lobule-center analyze`.
struct AnalyzeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Refit and validate on a file of patients, without any registry."
  )

  @Flag(help: "Print one JSON document and nothing else.")
  var json = false

  @Option(help: "The file, or - for standard input.")
  var csv: String

  @Option(help: "The analysis plan; the built-in one when not given.")
  var plan: String?

  @OptionGroup var printed: ReportOptions

  func run() async throws {
    let progress = ProgressLine(json: json)
    defer { progress.end() }
    let (result, content) = try CenterAnalysis.analyze(
      csv: try PrivateFile.readOrInput(csv),
      plan: try plan.map { try PrivateFile.read($0) },
      study: try Study.embedded(),
      subtitle: csv == "-" ? "Standard input" : (csv as NSString).lastPathComponent,
      program: LobuleCenter.nameAndVersion,
      workers: progress.workers
    )
    progress.end()
    try printed.write(content)
    if json {
      try JSONOutput.print(result)
    } else {
      StandardStream.writeOutput(
        AnalysisText.models(result.refit) + AnalysisText.validation(result.validation)
      )
    }
  }
}
