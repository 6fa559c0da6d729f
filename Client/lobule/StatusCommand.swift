// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Replication
import SiteReplica

/// Says how this device stands.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say what is recorded, sent, and in conflict."
  )

  @OptionGroup var options: StoreOptions

  private struct Answer: Encodable {
    let status: StoreStatus

    private enum CodingKeys: String, CodingKey {
      case site, replica, changesets, unsent, conflicts, patients, lastSync, server
      case modelVersion, digestEqual, waitingChangesets, unknownValues
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(status.site, forKey: .site)
      try container.encode(status.replica.description, forKey: .replica)
      try container.encode(status.changesets, forKey: .changesets)
      try container.encode(status.unsent, forKey: .unsent)
      try container.encode(status.conflicts, forKey: .conflicts)
      try container.encode(status.patients, forKey: .patients)
      try container.encode(status.lastSync.map(UTCText.text), forKey: .lastSync)
      try container.encode(status.server, forKey: .server)
      try container.encode(status.modelVersion, forKey: .modelVersion)
      try container.encode(status.lastDigestEqual, forKey: .digestEqual)
      try container.encode(status.waitingChangesets, forKey: .waitingChangesets)
      try container.encode(status.unknownValues, forKey: .unknownValues)
    }
  }

  func run() throws {
    let status = try options.openStore().status()
    if options.json {
      try JSONOutput.print(Answer(status: status))
      return
    }
    var table = TextTable(["site", status.site])
    table.add(["replica", status.replica.description])
    table.add(["patients", "\(status.patients)"])
    table.add(["changes", "\(status.changesets)"])
    table.add(["not yet sent", "\(status.unsent)"])
    table.add(["in conflict", "\(status.conflicts)"])
    table.add(["last sync", status.lastSync.map(UTCText.text) ?? "never"])
    table.add(["centre", status.server ?? "not enrolled"])
    table.add(["model release", "\(status.modelVersion)"])
    StandardStream.writeOutput(table.text + VersionText.lines(status).map { "\($0)\n" }.joined())
  }
}
