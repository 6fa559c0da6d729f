// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation
import PooledAnalysis

/// The command `lobule-center validate`.
struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Validate a released model on a data cut."
  )

  @OptionGroup var options: CenterOptions

  @Option(help: "The data cut.")
  var cut: String

  @Option(help: "The release; the newest when not given.")
  var model: UInt64?

  @OptionGroup var printed: ReportOptions

  func run() async throws {
    let analysis = CenterAnalysis(
      center: try options.center(),
      study: try options.chosenStudy(),
      program: LobuleCenter.nameAndVersion
    )
    let progress = ProgressLine(json: options.json)
    defer { progress.end() }
    let now = SystemClock.now()
    let report = try analysis.validate(
      cut: cut,
      version: model,
      now: now,
      workers: progress.workers
    )
    if printed.isAsked {
      try printed.write(
        try analysis.reportContent(
          report,
          cut: cut,
          version: model,
          now: now,
          workers: progress.workers
        )
      )
    }
    progress.end()
    try options.print(report) { AnalysisText.validation(report) }
  }
}

/// The command `lobule-center refit`.
struct RefitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refit",
    abstract: "Refit the plan's model on a data cut; the plan's choice becomes a candidate."
  )

  @OptionGroup var options: CenterOptions

  @Option(help: "The data cut.")
  var cut: String

  func run() async throws {
    let analysis = CenterAnalysis(
      center: try options.center(),
      program: LobuleCenter.nameAndVersion
    )
    let progress = ProgressLine(json: options.json)
    defer { progress.end() }
    let (report, candidate) = try analysis.refit(
      cut: cut,
      now: SystemClock.now(),
      workers: progress.workers
    )
    progress.end()
    let result = RefitResult(candidate: candidate.id, version: candidate.version, report: report)
    try options.print(result) {
      AnalysisText.models(report)
        + "Chosen: \(report.chosen) (\(report.reason)).\n"
        + AnalysisText.gate(report.gate)
        + "Candidate \(candidate.id), version \(candidate.version): the gate is "
        + "\(report.gatePassed ? "passed" : "not passed").\n"
    }
  }
}

/// A refit's figures with the candidate that it made, in one object.
struct RefitResult: Encodable {
  let candidate: String
  let version: UInt64
  let report: RefitReport

  private enum CodingKeys: String, CodingKey {
    case candidate
    case version = "model_version"
  }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(candidate, forKey: .candidate)
    try container.encode(version, forKey: .version)
  }
}
