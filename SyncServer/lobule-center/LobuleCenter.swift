// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport

/// The coordinating centre's program.
@main
struct LobuleCenter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lobule-center",
    abstract: "Gathers what hospitals record, validates and refits the model, and releases it.",
    subcommands: [
      InitCommand.self, ServeCommand.self, SiteCommand.self, PlanCommand.self, CutCommand.self,
      ValidateCommand.self, RefitCommand.self, AnalyzeCommand.self, SignCommand.self,
      ReleaseCommand.self, BundleCommand.self, BackupCommand.self, RestoreCommand.self,
      AuditCommand.self, DoctorCommand.self, StatisticsCommand.self,
    ]
  )

  static func main() async {
    await CommandProgram.run(Self.self, describe: FailureText.describe)
  }
}
