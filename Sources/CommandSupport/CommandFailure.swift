// SPDX-License-Identifier: Apache-2.0

/// How a command ended, as its exit code.
public enum CommandExit: Int32, Sendable {
  /// Everything asked for was done.
  case done = 0
  /// The program itself failed, or found damage that it cannot mend.
  case failed = 1
  /// The command line could not be understood.
  case usage = 2
  /// The input was understood and refused; nothing was changed.
  case refused = 3
  /// The network or the other end failed or refused.
  case remote = 4
}

/// Why a command did not do what was asked, in the words a person needs.
///
/// The three parts are printed as sentences: what happened, to what, what to do. None of them may
/// carry a patient value.
public struct CommandFailure: Error, Equatable, Sendable {
  /// The exit code of the program.
  public let exit: CommandExit
  /// What happened.
  public let what: String
  /// What it happened to: a file, a field, a server; empty when `what` says it.
  public let to: String
  /// What to do about it; empty when nothing can be done.
  public let todo: String

  /// Describes a failure.
  public init(_ exit: CommandExit, what: String, to: String = "", todo: String = "") {
    self.exit = exit
    self.what = what
    self.to = to
    self.todo = todo
  }

  /// The message for people: one sentence a part.
  public var message: String {
    let first = to.isEmpty ? what : "\(what): \(to)"
    return [first, todo].filter { !$0.isEmpty }.map(Self.sentence).joined(separator: " ")
  }

  private static func sentence(_ text: String) -> String {
    guard let last = text.last, !".!?".contains(last) else { return text }
    return text + "."
  }
}

/// Ends a command with an exit code after it has already printed everything there is to say.
public struct CommandEnd: Error, Equatable, Sendable {
  /// The exit code of the program.
  public let exit: CommandExit

  /// Ends with this code.
  public init(_ exit: CommandExit) { self.exit = exit }
}
