// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation
import SyncProtocol

/// The command `lobule-center candidate …`.
struct CandidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "candidate",
    abstract: "List candidates; carry them to signers elsewhere and their signatures back.",
    subcommands: [List.self, Export.self, ImportSignature.self]
  )

  /// The command `lobule-center candidate list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List candidates and releases.")

    @OptionGroup var options: CenterOptions

    struct Row: Encodable {
      let candidate: String
      let version: UInt64
      let cut: String?
      let gatePassed: Bool
      let signatures: Int
      let overrideReason: String?
      let releasedAt: String?
    }

    struct Result: Encodable {
      let candidates: [Row]
    }

    func run() async throws {
      let rows = try options.center().modelCandidates().map { candidate in
        Row(
          candidate: candidate.id,
          version: candidate.version,
          cut: candidate.cut,
          gatePassed: candidate.hasPassedGate,
          signatures: candidate.envelope.signatures.count,
          overrideReason: candidate.overrideReason,
          releasedAt: candidate.releasedAt.map(UTCText.text)
        )
      }
      try options.print(Result(candidates: rows)) {
        var table = TextTable(["candidate", "version", "cut", "gate", "signatures", "released"])
        for row in rows {
          table.add([
            row.candidate, "\(row.version)", row.cut ?? "–", row.gatePassed ? "passed" : "not",
            "\(row.signatures)", row.releasedAt ?? "–",
          ])
        }
        return table.text
      }
    }
  }

  /// The command `lobule-center candidate export`.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a candidate to a file for `sign-file` on another machine."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The candidate; `released` for the model in force, when keys have changed.")
    var candidate: String

    @Argument(help: "The file to write.")
    var file: String

    @Option(
      name: .customLong("override"),
      help: "Why to release without the gate passed; it becomes part of the model's status."
    )
    var overrideReason: String?

    struct Result: Encodable {
      let candidate: String
      let file: String
      let needsReason: Bool
      let signatures: Int
    }

    func run() async throws {
      let center = try options.center()
      let signing: SigningFile
      if candidate == SigningFile.released {
        signing = SigningFile(
          candidate: candidate,
          needsReason: false,
          envelope: try center.releasedDocument().envelope
        )
      } else {
        let prepared = try center.prepare(
          candidate,
          overrideReason: overrideReason,
          now: SystemClock.now()
        )
        let needsReason = !prepared.hasPassedGate && prepared.cut != nil
        guard !needsReason || prepared.overrideReason != nil else {
          throw CenterError.ungated(candidate)
        }
        signing = SigningFile(
          candidate: candidate,
          needsReason: needsReason,
          envelope: prepared.envelope
        )
      }
      try PrivateFile.write(try signing.encoded(), to: file)
      let result = Result(
        candidate: candidate,
        file: file,
        needsReason: signing.needsReason,
        signatures: signing.envelope.signatures.count
      )
      try options.print(result) {
        "\(candidate) is in \(file). Sign it elsewhere with `lobule-center sign-file \(file) --key KEY`"
          + (result.needsReason ? " --override REASON.\n" : ".\n")
      }
    }
  }

  /// The command `lobule-center candidate import-signature`.
  struct ImportSignature: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import-signature",
      abstract: "Take the signatures of a file that was signed elsewhere."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The signed file.")
    var file: String

    struct Result: Encodable {
      let candidate: String
      let version: UInt64
      let signatures: Int
    }

    func run() async throws {
      guard let signing = SigningFile.decode(try PrivateFile.read(file)) else {
        throw CenterServiceError.unsignable(path: file)
      }
      let signed = try options.center().importSignatures(
        signing.envelope,
        reasons: signing.reasons,
        of: signing.candidate,
        now: SystemClock.now()
      )
      let result = Result(
        candidate: signing.candidate,
        version: signed.candidate.version,
        signatures: signed.signatures
      )
      try options.print(result) {
        "\(result.candidate) (version \(result.version)) has \(result.signatures) signatures.\n"
      }
    }
  }
}

/// The command `lobule-center rollback`.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Propose an earlier release again under a higher version; two keys sign it as ever."
  )

  @OptionGroup var options: CenterOptions

  @Argument(help: "The version of the earlier release.")
  var version: UInt64

  @Option(help: "Why; it stands in the model's status and on its card.")
  var reason: String

  struct Result: Encodable {
    let candidate: String
    let modelVersion: UInt64
    let rollbackTo: UInt64
  }

  func run() async throws {
    let candidate = try ModelRollback.propose(
      to: version,
      reason: reason,
      center: try options.center(),
      now: SystemClock.now()
    )
    let result = Result(
      candidate: candidate.id,
      modelVersion: candidate.version,
      rollbackTo: version
    )
    try options.print(result) {
      "\(candidate.id): the model of release \(version) as version \(candidate.version). "
        + "Sign it twice, then release it.\n"
    }
  }
}
