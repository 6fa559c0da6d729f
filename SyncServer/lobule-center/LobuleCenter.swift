// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CenterService
import CommandSupport

/// The coordinating centre's program.
@main
struct LobuleCenter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lobule-center",
    abstract: "Gathers what hospitals record, validates and refits the model, and releases it.",
    version: ProgramVersion.text,
    subcommands: [
      InitCommand.self, ServeCommand.self, SiteCommand.self, PlanCommand.self, CutCommand.self,
      ValidateCommand.self, RefitCommand.self, AnalyzeCommand.self, SignCommand.self,
      ReleaseCommand.self, RollbackCommand.self, ReplayCommand.self, ExportCommand.self,
      CandidateCommand.self, KeyCommand.self, SignFileCommand.self, RootCommand.self,
      BundleCommand.self, BackupCommand.self, RestoreCommand.self, AuditCommand.self,
      DoctorCommand.self, StatisticsCommand.self,
    ]
  )

  /// What reports call the program.
  static let nameAndVersion = "lobule-center \(ProgramVersion.number)"

  static func main() async {
    await CommandProgram.run(Self.self, describe: FailureText.describe)
  }
}
