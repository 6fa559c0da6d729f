// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CommandSupport
import SyncProtocol

/// The command `lobule-center site …`.
struct SiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "site",
    abstract: "Add, list and revoke hospitals.",
    subcommands: [Add.self, List.self, Revoke.self, ConfirmRevocations.self]
  )

  /// The command `lobule-center site add`.
  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a hospital, or make a code for one more of its devices."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The site's code: a letter, then letters, digits or hyphens.")
    var code: String

    @Option(help: "The hospital's name, for people.")
    var name = ""

    struct Result: Encodable {
      let site: String
      let enrollmentCode: String
      let serverFingerprint: String
      let expiresAt: String
    }

    func run() async throws {
      let center = try options.center()
      let now = SystemClock.now()
      var generator = SystemRandomNumberGenerator()
      let enrolment = try center.addSite(code, name: name, now: now, using: &generator)
      let result = Result(
        site: code,
        enrollmentCode: enrolment.formatted,
        serverFingerprint: try center.identity().serverFingerprint,
        expiresAt: UTCText.text(now + Center.enrolmentLifetimeHours * 3600)
      )
      try options.print(result) {
        """
        Site \(code). This code enrols one device until \(result.expiresAt); it is shown once:
          \(result.enrollmentCode)
        Server fingerprint: \(result.serverFingerprint)

        """
      }
    }
  }

  /// The command `lobule-center site list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the hospitals.")

    @OptionGroup var options: CenterOptions

    struct Row: Encodable {
      let site: String
      let name: String
      let status: String
      let devices: Int
      let changesets: UInt64
      let lastReceived: String?
      let lastSeen: String?
      let modelVersions: [String: UInt64]
    }

    struct Result: Encodable {
      let sites: [Row]
    }

    func run() async throws {
      let rows = try options.center().siteSummaries().map { summary in
        Row(
          site: summary.site.code,
          name: summary.site.name,
          status: summary.site.isRevoked ? "revoked" : "active",
          devices: summary.devices,
          changesets: summary.changesets,
          lastReceived: summary.lastReceivedAt.map(UTCText.text),
          lastSeen: summary.lastSeenAt.map(UTCText.text),
          modelVersions: summary.modelVersions
        )
      }
      try options.print(Result(sites: rows)) {
        var table = TextTable([
          "site", "name", "status", "devices", "changesets", "model", "last received",
        ])
        for row in rows {
          table.add([
            row.site, row.name, row.status, "\(row.devices)", "\(row.changesets)",
            Set(row.modelVersions.values).sorted().map(String.init).joined(separator: ", "),
            row.lastReceived ?? "never",
          ])
        }
        return table.text
      }
    }
  }

  /// The command `lobule-center site revoke`.
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a hospital's devices from now on; what it has sent stays valid."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The site's code.")
    var code: String

    @Option(help: "One device alone, by the name of its key, as SITE/1.")
    var device: String?

    struct Result: Encodable {
      let site: String
      let device: String?
      let status: String
    }

    func run() async throws {
      let center = try options.center()
      if let device {
        try center.revokeDevice(device, of: code, now: SystemClock.now())
      } else {
        try center.revokeSite(code, now: SystemClock.now())
      }
      try options.print(Result(site: code, device: device, status: "revoked")) {
        device.map { "Device \($0) is revoked.\n" } ?? "Site \(code) is revoked.\n"
      }
    }
  }

  /// The command `lobule-center site confirm-revocations`.
  struct ConfirmRevocations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "confirm-revocations",
      abstract: "Say, after a restore, that all who were revoked since the backup are revoked."
    )

    @OptionGroup var options: CenterOptions

    struct Result: Encodable {
      let confirmed: Bool
      let devices: [String]
    }

    func run() async throws {
      let devices = try options.center().confirmRevocations(now: SystemClock.now()).map(\.keyID)
      try options.print(Result(confirmed: true, devices: devices)) {
        "These devices can sync, and lobule-center serve can start:\n"
          + devices.map { "  \($0)\n" }.joined()
      }
    }
  }
}
