// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import SiteReplica

/// Checks the store.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the store: files, database, log, heads, keys, clock."
  )

  @OptionGroup var options: StoreOptions

  private struct Answer: Encodable {
    let healthy: Bool
    let checks: [StoreCheck]
  }

  func run() throws {
    let checks = try options.openStore().diagnose(now: SystemClock.now())
    let isHealthy = checks.allSatisfy(\.isGood)
    if options.json {
      try JSONOutput.print(Answer(healthy: isHealthy, checks: checks))
    } else {
      var table = TextTable(["check", "", "finding"])
      for check in checks {
        table.add([check.name, check.isGood ? "good" : "BAD", check.finding])
      }
      StandardStream.writeOutput(table.text)
    }
    guard isHealthy else {
      throw CommandFailure(
        .refused,
        what: "The store is not sound",
        to: options.store ?? "LOBULE_STORE",
        todo: "Make a copy of the folder before anything else, then follow the findings"
      )
    }
  }
}
