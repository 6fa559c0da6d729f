// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Replication
import SyncProtocol

/// The command `lobule-center bundle …`.
struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Exchange changes by files with hospitals that have no line.",
    subcommands: [Read.self, Write.self]
  )

  /// The command `lobule-center bundle read`.
  struct Read: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take in a file that a hospital wrote; reading it twice changes nothing."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The file that lobule bundle write made.")
    var file: String

    struct Refused: Encodable {
      let replica: String?
      let firstSequence: UInt64
      let changesets: Int
      let reason: String
    }

    struct Result: Encodable {
      let site: String
      let device: String
      let accepted: Int
      let refused: [Refused]
      let missingBatches: Int
      let truncated: Bool
      let digestEqual: Bool?

      private enum CodingKeys: String, CodingKey {
        case site, device, accepted, refused, missingBatches, truncated, digestEqual
      }

      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(site, forKey: .site)
        try container.encode(device, forKey: .device)
        try container.encode(accepted, forKey: .accepted)
        try container.encode(refused, forKey: .refused)
        try container.encode(missingBatches, forKey: .missingBatches)
        try container.encode(truncated, forKey: .truncated)
        // A digest that could not be compared is null: neither equal nor different.
        try container.encode(digestEqual, forKey: .digestEqual)
      }
    }

    func run() async throws {
      let bytes = try PrivateFile.read(file, limitBytes: SyncBundle.limitBytes)
      let center = try options.center()
      try center.requireRevocations()
      let intake = try center.readBundle(bytes, now: SystemClock.now())
      let result = Result(
        site: intake.site,
        device: intake.keyID,
        accepted: intake.acceptedChangesets,
        refused: intake.refused.map {
          Refused(
            replica: $0.replica?.description,
            firstSequence: $0.firstSequence,
            changesets: $0.changesets,
            reason: $0.reason
          )
        },
        missingBatches: intake.missingBatches,
        truncated: intake.missingBatches > 0,
        digestEqual: intake.isDigestEqual
      )
      try options.print(result) {
        "\(intake.acceptedChangesets) changes of \(intake.keyID) are at the centre. Answer with: "
          + "lobule-center bundle write FILE --site \(intake.site)\n"
      }
      try finish(intake)
    }

    private func finish(_ intake: BundleIntake) throws(CommandFailure) {
      if intake.missingBatches > 0 {
        throw CommandFailure(
          .refused,
          what: "The file ends too early: \(intake.missingBatches) batches are missing",
          to: file,
          todo: "What came before was kept; copy the file again and read it once more"
        )
      }
      guard !intake.refused.isEmpty else { return }
      let names = intake.refused.map { refusal in
        let author = refusal.replica.map { "\($0.description.prefix(8))-\(refusal.firstSequence)" }
        return "\(author ?? "a damaged one"): \(refusal.reason)"
      }
      throw CommandFailure(
        .refused,
        what: "Batches of the file were refused: \(names.joined(separator: ", "))",
        to: file,
        todo: "The others were kept; answer the site, then ask it to write its bundle again"
      )
    }
  }

  /// The command `lobule-center bundle write`.
  struct Write: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write what a hospital lacks, and what the centre has, to a file."
    )

    @OptionGroup var options: CenterOptions

    @Option(help: "The site's code.")
    var site: String

    @Flag(help: "Write every batch of the site.")
    var all = false

    @Argument(help: "The file to write.")
    var file: String

    struct Result: Encodable {
      let bundle: String
      let site: String
      let batches: Int
      let bytes: Int
    }

    func run() async throws {
      let folder = try options.folder()
      let center = try Center.open(folder)
      let identity = SigningIdentity(
        keyID: try center.identity().keyID,
        privateKey: try KeyFile.read(folder.serviceKey)
      )
      // A hospital takes a model only with a fresh timestamp, and the service may not be running.
      _ = try center.renewTimestamp(
        by: try KeyFile.read(folder.timestampKey),
        now: SystemClock.now()
      )
      let made = try center.makeBundle(
        for: site,
        includesAll: all,
        identity: identity,
        now: SystemClock.now()
      )
      try PrivateFile.write(made.bytes, to: file)
      let result = Result(
        bundle: file,
        site: site,
        batches: made.batches,
        bytes: made.bytes.count
      )
      try options.print(result) {
        "\(made.batches) batches are in \(file). At the hospital: lobule bundle read FILE\n"
      }
    }
  }
}
