// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Replication
import SiteReplica
import SyncProtocol

/// Exchanges changes with the centre by files.
struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Exchange changes with the centre by a file, where there is no line.",
    discussion: """
      Write a bundle, carry it to the centre, and read the bundle that the centre answers with. The \
      changes in it are de-identified as in a sync. Reading a bundle twice changes nothing.
      """,
    subcommands: [BundleWriteCommand.self, BundleReadCommand.self]
  )
}

/// Writes a bundle for the centre.
struct BundleWriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Write what the centre lacks to a file."
  )

  @OptionGroup var options: StoreOptions
  @Flag(help: "Write every change, whatever the centre said it holds.")
  var all = false
  @Argument(help: "The file to write.")
  var file: String

  private struct Answer: Encodable {
    let bundle, site: String
    let batches, changesets, bytes: Int
  }

  func run() throws {
    let store = try options.openStore()
    let made = try store.makeBundle(includesAll: all, actor: LocalUser.actor())
    try PrivateFile.write(made.bytes, to: file)
    if options.json {
      try JSONOutput.print(
        Answer(
          bundle: file,
          site: store.site,
          batches: made.batches,
          changesets: made.changesets,
          bytes: made.bytes.count
        )
      )
    } else {
      StandardStream.writeOutput(
        """
        \(made.changesets) changes are in \(file). They count as sent once the centre's answer was
        read here: lobule bundle read FILE

        """
      )
    }
  }
}

/// Reads a bundle of the centre.
struct BundleReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Take in the file that the centre answered with."
  )

  @OptionGroup var options: StoreOptions
  @Argument(help: "The file that lobule-center bundle write made.")
  var file: String

  private struct Answer: Encodable {
    let pulledChangesets, missingBatches, unsent, conflicts: Int
    let truncated, forked: Bool
    let digestEqual: Bool?
    let refused: [Refused]
    let modelVersion: UInt64
    let modelRefused: String?

    private enum CodingKeys: String, CodingKey {
      case pulledChangesets, missingBatches, unsent, conflicts, truncated, forked, digestEqual
      case refused, modelVersion, modelRefused
    }

    struct Refused: Encodable {
      let position: Int
      let replica: String?
      let firstSequence: UInt64
      let reason: String
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(pulledChangesets, forKey: .pulledChangesets)
      try container.encode(missingBatches, forKey: .missingBatches)
      try container.encode(unsent, forKey: .unsent)
      try container.encode(conflicts, forKey: .conflicts)
      try container.encode(truncated, forKey: .truncated)
      try container.encode(forked, forKey: .forked)
      // A digest that could not be compared is null: neither equal nor different.
      try container.encode(digestEqual, forKey: .digestEqual)
      try container.encode(refused, forKey: .refused)
      try container.encode(modelVersion, forKey: .modelVersion)
      try container.encode(modelRefused, forKey: .modelRefused)
    }
  }

  func run() throws {
    let bytes = try PrivateFile.read(file, limitBytes: SyncBundle.limitBytes)
    let store = try options.openStore()
    var generator = SystemRandomNumberGenerator()
    let report = try store.readBundle(bytes, actor: LocalUser.actor(), using: &generator)
    if options.json {
      try JSONOutput.print(answer(report))
    } else {
      printText(report)
    }
    try finish(report)
  }

  private func answer(_ report: BundleReport) -> Answer {
    Answer(
      pulledChangesets: report.pulledChangesets,
      missingBatches: report.missingBatches,
      unsent: report.unsent,
      conflicts: report.conflicts,
      truncated: report.missingBatches > 0,
      forked: report.hasForked,
      digestEqual: report.isDigestEqual,
      refused: report.refused.map {
        Answer.Refused(
          position: $0.position,
          replica: $0.replica?.description,
          firstSequence: $0.firstSequence,
          reason: $0.reason
        )
      },
      modelVersion: report.modelVersion,
      modelRefused: report.modelRefusal.map(FailureText.code)
    )
  }

  private func printText(_ report: BundleReport) {
    var lines = [
      "\(report.pulledChangesets) changes received, \(report.unsent) not yet at the centre"
    ]
    if report.isDigestEqual == true {
      lines.append("This device and the centre hold the same record.")
    }
    if report.conflicts > 0 {
      lines.append("\(report.conflicts) fields in conflict: run lobule conflicts")
    }
    if report.hasForked {
      lines.append("This device was restored or copied: it now writes under a new replica id.")
    }
    lines.append("Model release \(report.modelVersion) is in use.")
    StandardStream.writeOutput(lines.joined(separator: "\n") + "\n")
  }

  private func finish(_ report: BundleReport) throws {
    if let refusal = report.modelRefusal {
      StandardStream.writeError(FailureText.model(refusal).message + "\n")
    }
    if report.missingBatches > 0 {
      throw CommandFailure(
        .refused,
        what: "The file ends too early: \(report.missingBatches) batches are missing",
        to: file,
        todo: "What came before was kept; copy the file again and read it once more"
      )
    }
    if !report.refused.isEmpty {
      let names = report.refused.map { refusal in
        let author = refusal.replica.map {
          " (\(Dot(replica: $0, sequence: refusal.firstSequence).text))"
        }
        return "\(refusal.position)\(author ?? ""): \(refusal.reason)"
      }
      throw CommandFailure(
        .refused,
        what: "Batches of the file were not taken: \(names.joined(separator: ", "))",
        to: file,
        todo: "The others were kept; copy the file again, or tell the coordinating centre"
      )
    }
    if report.isDigestEqual == false {
      throw CommandFailure(
        .refused,
        what: "The records differ although both ends hold the same changes",
        todo: "Run lobule doctor, and tell the coordinating centre"
      )
    }
  }
}
