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

    @Argument(help: "The plan, or an envelope of one, or - for standard input.")
    var file: String

    @Option(help: "A model key that signs it; two are needed. The centre's own when not given.")
    var key: [String] = []

    struct Result: Encodable {
      let plan: String
    }

    func run() async throws {
      let bytes = try PrivateFile.readOrInput(file)
      let folder = try options.folder()
      let own = [folder.modelKey(1), folder.modelKey(2)]
        .filter { FileManager.default.fileExists(atPath: $0) }
      let keys = try (key.isEmpty ? own : key).map { try KeyFile.read($0) }
      let signed = try SignedPlan.sign(bytes, by: keys)
      let center = try options.center()
      _ = try SignedPlan.open(signed, center: center)
      let sha256 = try center.addPlan(signed, now: SystemClock.now())
      try options.print(Result(plan: sha256)) {
        "Plan \(sha256) is signed, registered, and in force for cuts from now on.\n"
      }
    }
  }
}
