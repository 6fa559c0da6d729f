// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport

/// The program of a hospital.
@main
enum LobuleProgram {
  static func main() async {
    await CommandProgram.run(Lobule.self, describe: FailureText.describe)
  }
}

/// The root command.
struct Lobule: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lobule",
    abstract: "Records patients offline, sends de-identified changes, and scores at the bedside.",
    discussion: """
      Everything of one device is in one folder (--store DIR or LOBULE_STORE). Record numbers and \
      values may be `-`, which reads them from standard input and keeps them out of the process \
      list. Exit codes: 0 done, 2 bad usage, 3 refused input, 4 network or centre.
      """,
    version: ProgramVersion.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Set up",
        subcommands: [
          InitCommand.self, EnrollCommand.self, RotateKeyCommand.self, VaultCommand.self,
        ]
      ),
      CommandGroup(
        name: "Record",
        subcommands: [
          ImportCommand.self, SetCommand.self, ShowCommand.self, ListCommand.self,
          ConflictsCommand.self, ResolveCommand.self, RetractCommand.self, UnretractCommand.self,
          WithdrawCommand.self, EraseCommand.self, MergeCommand.self, UnmergeCommand.self,
          ExportCommand.self,
        ]
      ),
      CommandGroup(
        name: "Exchange",
        subcommands: [
          OutboxCommand.self, SyncCommand.self, BundleCommand.self, StatusCommand.self,
        ]
      ),
      CommandGroup(name: "Predict", subcommands: [ModelCommand.self, ScoreCommand.self]),
      CommandGroup(
        name: "Check",
        subcommands: [
          AuditCommand.self, DoctorCommand.self, BackupCommand.self, RestoreCommand.self,
        ]
      ),
    ]
  )
}
