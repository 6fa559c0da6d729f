// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import SiteReplica

/// Exchanges changes with the centre.
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Send what the centre lacks, fetch what this device lacks, and take newer models.",
    discussion: """
      Run it whenever there is a line. What was exchanged stands even when the line breaks; the \
      next sync goes on from there.
      """
  )

  @OptionGroup var options: StoreOptions
  @Option(help: "The proxy's address; else what https_proxy says.")
  var proxy: String?
  @Option(help: "Repeat for ever at this interval: 30s, 15m, 2h.")
  var every: String?

  private struct Answer: Encodable {
    let pushedChangesets, pulledChangesets, sent, accepted, refused, conflicts: Int
    let digestEqual: Bool?
    let bytesSent, bytesReceived, requests: Int
    let modelVersion: UInt64
    let modelRefused: String?
    let forked, rebuilt: Bool
    let centerAudit: String
    let refusals: [String: Int]
    let waitingHere, waitingAtCenter, unknownValues: Int
    let differsAt: Difference?

    struct Difference: Encodable {
      let bucket: Int
      let address, place: String?
    }

    private enum CodingKeys: String, CodingKey {
      case pushedChangesets, pulledChangesets, sent, accepted, refused, conflicts, digestEqual
      case bytesSent, bytesReceived, requests, modelVersion, modelRefused, forked, rebuilt
      case refusals, centerAudit, waitingHere, waitingAtCenter, unknownValues, differsAt
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(pushedChangesets, forKey: .pushedChangesets)
      try container.encode(pulledChangesets, forKey: .pulledChangesets)
      try container.encode(sent, forKey: .sent)
      try container.encode(accepted, forKey: .accepted)
      try container.encode(refused, forKey: .refused)
      try container.encode(conflicts, forKey: .conflicts)
      // A digest that could not be compared is null: neither equal nor different.
      try container.encode(digestEqual, forKey: .digestEqual)
      try container.encode(bytesSent, forKey: .bytesSent)
      try container.encode(bytesReceived, forKey: .bytesReceived)
      try container.encode(requests, forKey: .requests)
      try container.encode(modelVersion, forKey: .modelVersion)
      try container.encode(modelRefused, forKey: .modelRefused)
      try container.encode(forked, forKey: .forked)
      try container.encode(rebuilt, forKey: .rebuilt)
      try container.encode(refusals, forKey: .refusals)
      try container.encode(centerAudit, forKey: .centerAudit)
      try container.encode(waitingHere, forKey: .waitingHere)
      try container.encode(waitingAtCenter, forKey: .waitingAtCenter)
      try container.encode(unknownValues, forKey: .unknownValues)
      try container.encode(differsAt, forKey: .differsAt)
    }
  }

  func run() async throws {
    let interval = try every.map(Self.seconds)
    let store = try options.openStore()
    guard let interval else {
      try await once(store)
      return
    }
    while true {
      do {
        try await once(store)
      } catch {
        // One failed sync of many is a line, not an end: the next one may find the centre.
        let failure = error as? CommandFailure ?? FailureText.describe(error)
        StandardStream.writeError((failure?.message ?? "The sync failed.") + "\n")
        if case .remote(.busy(let seconds)) = error as? SiteReplicaError, seconds > interval {
          try await Task.sleep(for: .seconds(seconds - interval))
        }
      }
      try await Task.sleep(for: .seconds(interval))
    }
  }

  private func once(_ store: SiteStore) async throws {
    let transport = try CenterRoute.transport(for: store, proxy: proxy)
    let showsProgress = StandardStream.errorIsTerminal
    let engine = SyncEngine(
      store: store,
      transport: transport,
      clock: SystemClock.now,
      progress: { progress in
        guard showsProgress else { return }
        StandardStream.writeError(
          progress.isDone ? "\r\u{1B}[K" : "\r\(progress.unsent) changes not yet sent \u{1B}[K"
        )
      },
      pause: SyncPause { seconds in
        StandardStream.writeError("The centre asks to wait \(seconds) seconds. Waiting.\n")
        return (try? await Task.sleep(for: .seconds(seconds))) != nil
      }
    )
    var generator = SystemRandomNumberGenerator()
    let report = try await engine.run(actor: LocalUser.actor(), using: &generator)
    if options.json {
      try JSONOutput.print(answer(report))
    } else {
      printText(report, try store.status())
    }
    try finish(report)
  }

  private func answer(_ report: SyncReport) -> Answer {
    Answer(
      pushedChangesets: report.pushedChangesets,
      pulledChangesets: report.pulledChangesets,
      sent: report.sent,
      accepted: report.pushedChangesets,
      refused: report.refused,
      conflicts: report.conflicts,
      digestEqual: report.isDigestEqual,
      bytesSent: report.bytesSent,
      bytesReceived: report.bytesReceived,
      requests: report.requests,
      modelVersion: report.modelVersion,
      modelRefused: report.modelRefusal.map(FailureText.code),
      forked: report.hasForked,
      rebuilt: report.hasRebuiltHeads,
      centerAudit: AuditFindingText.code(report.centerAudit),
      refusals: report.refusals,
      waitingHere: report.waitingHere,
      waitingAtCenter: report.waitingAtCenter,
      unknownValues: report.unknownValues,
      differsAt: report.difference.map {
        Answer.Difference(bucket: $0.bucket, address: $0.address, place: $0.place)
      }
    )
  }

  private func printText(_ report: SyncReport, _ status: StoreStatus) {
    var lines = [
      "\(report.pushedChangesets) changes sent and accepted, \(report.refused) refused, "
        + "\(report.pulledChangesets) received"
    ]
    switch report.isDigestEqual {
    case true?: lines.append("This device and the centre hold the same record.")
    case false?: lines.append("This device and the centre do NOT hold the same record.")
    case nil where report.waitingHere + report.waitingAtCenter > 0:
      lines.append("The records can be compared after an upgrade.")
    case nil: lines.append("The records could not be compared yet: sync again.")
    }
    if report.conflicts > 0 {
      lines.append("\(report.conflicts) fields in conflict: run lobule conflicts")
    }
    if report.hasForked {
      lines.append(
        "This device was restored or copied: it now writes under a new replica id; nothing is lost."
      )
    }
    if let notice = AuditFindingText.notice(report.centerAudit) { lines.append(notice) }
    lines += VersionText.lines(report)
    if status.unsent > 0 { lines.append("\(status.unsent) changes not yet sent.") }
    lines.append("Model release \(report.modelVersion) is in use.")
    StandardStream.writeOutput(lines.joined(separator: "\n") + "\n")
  }

  private func finish(_ report: SyncReport) throws {
    if let refusal = report.modelRefusal {
      StandardStream.writeError(FailureText.model(refusal).message + "\n")
    }
    if let warning = AuditFindingText.warning(report.centerAudit) {
      StandardStream.writeError(warning.message + "\n")
    }
    if report.refused > 0 {
      let reasons = report.refusals.keys.sorted().joined(separator: ", ")
      throw CommandFailure(
        .remote,
        what: "The centre refused \(report.refused) changes (\(reasons))",
        todo: "They are kept here; tell the coordinating centre"
      )
    }
    if report.isDigestEqual == false {
      throw CommandFailure(
        .remote,
        what: "The records differ although both ends hold the same changes",
        to: Self.place(report.difference),
        todo: "Run lobule doctor, and tell the coordinating centre this place"
      )
    }
    if report.modelRefusal != nil { throw CommandEnd(.remote) }
  }

  /// Where the records differ: a field when it is known here, never a patient.
  private static func place(_ difference: RecordDifference?) -> String {
    guard let difference else { return "" }
    let address = difference.address.map { ", address \($0)" } ?? ""
    let field = difference.place.map { " (\($0))" } ?? ""
    return "bucket \(difference.bucket)\(address)\(field)"
  }

  private static func seconds(_ text: String) throws(CommandFailure) -> Int {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
      count > 0, count * unit <= 7 * 86_400
    else {
      throw CommandFailure(
        .usage,
        what: "The interval is not understood",
        to: "--every",
        todo: "Write it as 30s, 15m or 2h"
      )
    }
    return count * unit
  }
}
