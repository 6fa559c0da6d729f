// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation
import SyncProtocol

/// The command `lobule-center audit break …`.
struct AuditBreakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "break",
    abstract: "State, with the root keys, that the audit log goes on after a restore.",
    discussion: """
      A restored centre lacks audit entries that hospitals saw, and they say so at each sync until \
      two root keys vouch for it. Write the statement here, carry it to the root keys, sign it \
      there twice, carry it back and publish it.
      """,
    subcommands: [Write.self, Sign.self, Publish.self]
  )

  private static let limitBytes = 1 << 16

  private static func read(_ path: String) throws -> (envelope: Envelope, stated: AuditBreak) {
    let bytes = try PrivateFile.read(path, limitBytes: limitBytes)
    guard let envelope = try? JSONDecoder().decode(Envelope.self, from: bytes),
      let stated = try? AuditBreak(envelope)
    else {
      throw CommandFailure(
        .refused,
        what: "The file holds no statement about an audit log",
        to: path,
        todo: "Make it with `lobule-center audit break write FILE`"
      )
    }
    return (envelope, stated)
  }

  private static func write(_ envelope: Envelope, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try PrivateFile.write(try encoder.encode(envelope) + Data("\n".utf8), to: path)
  }

  /// What a statement says.
  struct Result: Encodable {
    let statement: String
    let log: String
    let restoredAt: String
    let keptEntries: UInt64
    let entries: UInt64
    let signatures: Int

    init(_ path: String, _ envelope: Envelope, _ stated: AuditBreak) {
      statement = path
      log = stated.origin
      restoredAt = UTCText.text(stated.restoredAt)
      keptEntries = stated.keptSize
      entries = stated.checkpoint.size
      signatures = envelope.signatures.count
    }

    var text: String {
      "\(log) was restored at \(restoredAt): of the log before, \(keptEntries) entries were kept; "
        + "it goes on from entry \(entries).\n"
    }
  }

  /// The command `lobule-center audit break write`.
  struct Write: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the statement about the last restore to a file, unsigned."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The file to write.")
    var file: String

    func run() async throws {
      let stated = try options.center().auditBreak()
      let envelope = stated.envelope()
      try AuditBreakCommand.write(envelope, to: file)
      let result = Result(file, envelope, stated)
      try options.print(result) {
        result.text + "Sign it twice: lobule-center audit break sign \(file) --key root-1.key\n"
      }
    }
  }

  /// The command `lobule-center audit break sign`.
  struct Sign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign a statement with one root key; needs no centre and no line."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The file that `audit break write` made; the signature is added to it.")
    var file: String

    @Option(help: "The file root-N.key.")
    var key: String

    func run() async throws {
      var (envelope, stated) = try AuditBreakCommand.read(file)
      try envelope.sign(by: try KeyFile.read(key))
      try AuditBreakCommand.write(envelope, to: file)
      let result = Result(file, envelope, stated)
      try options.print(result) { result.text + "Signatures: \(result.signatures).\n" }
    }
  }

  /// The command `lobule-center audit break publish`.
  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a signed statement to every hospital at its next sync."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The signed file.")
    var file: String

    func run() async throws {
      let (envelope, stated) = try AuditBreakCommand.read(file)
      try options.center().publishAuditBreak(envelope, now: SystemClock.now())
      let result = Result(file, envelope, stated)
      try options.print(result) {
        result.text + "Hospitals accept the log at their next sync.\n"
      }
    }
  }
}
