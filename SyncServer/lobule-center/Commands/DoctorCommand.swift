// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CenterService
import CommandSupport

/// The command `lobule-center doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the folder: files, permissions, certificate, store, audit log, timestamp."
  )

  @OptionGroup var options: CenterOptions

  struct Result: Encodable {
    let healthy: Bool
    let checks: [CenterCheck]
  }

  func run() async throws {
    let checks = CenterDoctor(folder: try options.folder(), now: SystemClock.now()).run()
    let isHealthy = checks.allSatisfy(\.pass)
    try options.print(Result(healthy: isHealthy, checks: checks)) {
      var table = TextTable(["check", "result", "detail"])
      for check in checks { table.add([check.check, check.pass ? "good" : "bad", check.detail]) }
      return table.text
    }
    guard isHealthy else { throw CommandEnd(.failed) }
  }
}
