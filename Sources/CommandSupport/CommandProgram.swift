// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Glibc

/// The frame of both programs: private files, hidden arguments, crashes that tell nothing of the
/// memory, and one meaning of exit codes.
public enum CommandProgram {
  /// Parses the arguments, runs the command and ends the process.
  ///
  /// Files are created for the user alone, the arguments are overwritten in the process list
  /// before anything else happens, and every error leaves as a sentence on standard error.
  ///
  /// - Parameters:
  ///   - command: The root command.
  ///   - describe: Turns an error of the program's own modules into a failure; nil leaves it to
  ///     a general sentence.
  public static func run(
    _ command: any ParsableCommand.Type,
    describe: (any Error) -> CommandFailure? = { _ in nil }
  ) async -> Never {
    umask(0o077)
    CrashPrivacy.apply()
    // A closed pipe or connection is an error to report, not a reason to die silently.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    ArgumentScrubber.scrub()
    do {
      var parsed = try command.parseAsRoot(arguments)
      if var asynchronous = parsed as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try parsed.run()
      }
      end(.done)
    } catch {
      end(report(error, of: command, describe: describe))
    }
  }

  private static func report(
    _ error: any Error,
    of command: any ParsableCommand.Type,
    describe: (any Error) -> CommandFailure?
  ) -> CommandExit {
    if let ended = error as? CommandEnd { return ended.exit }
    if let failure = error as? CommandFailure ?? describe(error) {
      StandardStream.writeError(failure.message + "\n")
      return failure.exit
    }
    let code = command.exitCode(for: error)
    let text = command.fullMessage(for: error)
    if code == .success {
      StandardStream.writeOutput(text.isEmpty ? "" : text + "\n")
      return .done
    }
    if code == .validationFailure {
      StandardStream.writeError(UsageText.withoutValues(text) + "\n")
      return .usage
    }
    let kind = String(reflecting: type(of: error))
    StandardStream.writeError(
      "The command could not be finished (\(kind)). Run `doctor`, and report this if it repeats.\n"
    )
    return .failed
  }

  private static func end(_ exit: CommandExit) -> Never {
    fflush(nil)
    Glibc.exit(exit.rawValue)
  }
}
