// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport

/// The coordinating centre's program.
@main
struct LobuleCenter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lobule-center",
    abstract: "Gathers what hospitals record, validates and refits the model, and releases it.",
    version: version,
    subcommands: [
      InitCommand.self, ServeCommand.self, SiteCommand.self, PlanCommand.self, CutCommand.self,
      ValidateCommand.self, RefitCommand.self, AnalyzeCommand.self, SignCommand.self,
      ReleaseCommand.self, BundleCommand.self, BackupCommand.self, RestoreCommand.self,
      AuditCommand.self, DoctorCommand.self, StatisticsCommand.self,
    ]
  )

  private static let version = "0.1.0"

  /// What reports call the program.
  static let nameAndVersion = "lobule-center \(version)"

  static func main() async {
    await CommandProgram.run(Self.self, describe: FailureText.describe)
  }
}
