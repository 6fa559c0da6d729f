// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation

/// The command `lobule-center replay`.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Make a release again from the log: cut, report, coefficients; all bytes must agree."
  )

  @OptionGroup var options: CenterOptions

  @Argument(help: "The version of the release.")
  var release: UInt64

  struct Result: Encodable {
    let release: UInt64
    let candidate: String
    let cut: String?
    let identical: Bool
    let firstDifference: String?
    let steps: [ReplayStep]
  }

  func run() async throws {
    let replay = ReleaseReplay(center: try options.center(), study: try options.chosenStudy())
    // The merged copy holds what the store holds, so it lies beside it, for the user alone.
    let scratch = try options.folder().path + "/replay-\(ProcessInfo.processInfo.processIdentifier)"
    try PrivateFile.makeFolder(scratch)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let replayed = try replay.run(
      release,
      scratch: try SQLiteCenterStore.open(path: "\(scratch)/center.sqlite")
    )
    let last = replayed.steps.last { $0.difference != nil }
    let result = Result(
      release: release,
      candidate: replayed.candidate,
      cut: replayed.cut,
      identical: replayed.isIdentical,
      firstDifference: last.map { "\($0.step): \($0.difference ?? "")" },
      steps: replayed.steps
    )
    try options.print(result) {
      var table = TextTable(["step", "on record", "made again", "result"])
      for step in replayed.steps {
        table.add([
          step.step, String(step.recorded.prefix(16)), String(step.found.prefix(16)),
          step.difference.map { "differs: \($0)" } ?? "same",
        ])
      }
      return table.text
    }
    guard let last else { return }
    throw CommandFailure(
      .refused,
      what: "Release \(release) does not come out again",
      to: "\(last.step), \(last.difference ?? "")",
      todo: "Keep the store as it is and compare it with a backup"
    )
  }
}
