// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation

/// The command `lobule-center plan …`.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Register an analysis plan before the data are seen.",
    subcommands: [Add.self]
  )

  /// The command `lobule-center plan add`.
  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Register a plan from a file.")

    @OptionGroup var options: CenterOptions

    @Argument(help: "The plan, or - for standard input.")
    var file: String

    struct Result: Encodable {
      let plan: String
    }

    func run() async throws {
      let bytes = try PrivateFile.readOrInput(file)
      _ = try CenterAnalysis.plan(bytes)
      let sha256 = try options.center().addPlan(bytes, now: SystemClock.now())
      try options.print(Result(plan: sha256)) { "Plan \(sha256) is registered and in force.\n" }
    }
  }
}
