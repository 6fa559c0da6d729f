// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation

/// The command `lobule-center backup`.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the centre into a new folder while it goes on serving.",
    discussion: """
      The folder holds the store and the certificates; its folder `keys` holds the three keys that
      the service works with. Whoever has both can answer as this centre: put the keys elsewhere
      with --keys, and keep both encrypted. The offline root and model keys are not in it.
      """
  )

  @OptionGroup var options: CenterOptions

  @Argument(help: "The folder to make.")
  var folder: String

  @Option(help: "Another new folder for the keys; `keys` in the backup when not given.")
  var keys: String?

  struct Result: Encodable {
    let backup: String
    let keys: String
    let sha256: String
    let sites: Int
    let changesets: UInt64
    let auditEntries: UInt64
    let modelVersion: UInt64
  }

  func run() async throws {
    let manifest = try CenterBackup(folder: try options.folder(), now: SystemClock.now())
      .make(at: folder, keysAt: keys)
    let inventory = manifest.inventory
    let result = Result(
      backup: folder,
      keys: keys ?? "\(folder)/keys",
      sha256: manifest.storeSHA256,
      sites: inventory.sites.count,
      changesets: inventory.sites.reduce(0) { $0 + $1.changesets },
      auditEntries: inventory.auditEntries,
      modelVersion: inventory.modelVersion
    )
    try options.print(result) {
      """
      Backup made in \(folder): \(result.sites) sites, \(result.changesets) changesets, checked.
      The keys of the service are in \(result.keys): whoever has both can answer as this centre.
      The offline root and model keys are not in it; no restore needs them.

      """
    }
  }
}

/// The command `lobule-center restore`.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a centre of a backup; one sync of each site brings what it lacks.",
    discussion: """
      DATA must hold no store. Keys and certificates that are in DATA already are kept. What the
      centre did after the backup is forgotten: name sites and devices that were revoked since with
      --revoke, or say --no-revocations. Without either, `serve` waits for `site
      confirm-revocations`. Do again what the answer lists.
      """
  )

  @OptionGroup var options: CenterOptions

  @Argument(help: "The folder that lobule-center backup made.")
  var folder: String

  @Option(help: "Where the backup's keys are, when not in its folder `keys`.")
  var keys: String?

  @Option(help: "A site (CODE) or device (CODE/1) that was revoked since the backup; repeat it.")
  var revoke: [String] = []

  @Flag(help: "Nothing was revoked since the backup.")
  var noRevocations = false

  func validate() throws {
    guard noRevocations, !revoke.isEmpty else { return }
    throw ValidationError("Give either --revoke or --no-revocations.")
  }

  struct Device: Encodable {
    let site: String
    let device: String
  }

  struct Result: Encodable {
    let data: String
    let backupMadeAt: String
    let epoch: String
    let sites: Int
    let changesets: UInt64
    let modelVersion: UInt64
    let voidedCodes: Int
    let revoked: [String]
    let revocationsConfirmed: Bool
    let devices: [Device]
    let toDo: [String]
  }

  func run() async throws {
    var generator = SystemRandomNumberGenerator()
    let epoch = Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let isConfirmed = noRevocations || !revoke.isEmpty
    let outcome = try CenterRestore(folder: try options.folder(), now: SystemClock.now())
      .run(from: folder, keysFrom: keys, revoking: isConfirmed ? revoke : nil, epoch: epoch)
    let inventory = outcome.manifest.inventory
    let result = Result(
      data: try options.path(),
      backupMadeAt: UTCText.text(outcome.manifest.madeAt),
      epoch: outcome.restoration.epoch,
      sites: inventory.sites.count,
      changesets: inventory.sites.reduce(0) { $0 + $1.changesets },
      modelVersion: inventory.modelVersion,
      voidedCodes: outcome.restoration.voidedCodes,
      revoked: revoke,
      revocationsConfirmed: isConfirmed,
      devices: outcome.restoration.devices.map {
        Device(site: $0.site ?? "", device: $0.keyID)
      },
      toDo: Self.toDo(
        UTCText.text(outcome.manifest.madeAt),
        inventory.modelVersion,
        isConfirmed: isConfirmed
      )
    )
    try options.print(result) { Self.text(result) }
  }

  /// What no site can bring back, since a backup.
  private static func toDo(
    _ madeAt: String,
    _ version: UInt64,
    isConfirmed: Bool
  ) -> [String] {
    let revocations =
      "Revoke every site and device that was revoked after \(madeAt), then run lobule-center "
      + "site confirm-revocations: serve waits for it"
    return (isConfirmed ? [] : [revocations]) + [
      "Make new enrolment codes: the open ones are void; devices enrolled after \(madeAt) enrol "
        + "again and keep their changes",
      "Freeze data cuts made after \(madeAt) again: the same records give the same hash",
      "Release again what was released after model version \(version): until then no model is "
        + "offered to sites that have a newer one",
      "Send sites their roots again if the root keys were changed after \(madeAt)",
    ]
  }

  private static func text(_ result: Result) -> String {
    """
    Centre restored in \(result.data) from the backup of \(result.backupMadeAt): \
    \(result.sites) sites, \(result.changesets) changesets, checked.
    These devices can sync now:
    \(result.devices.map { "  \($0.device)" }.joined(separator: "\n"))
    What no sync brings back:
    \(result.toDo.map { "  \($0)." }.joined(separator: "\n"))
    Next: lobule-center doctor, then lobule-center serve; one sync of each site brings the rest.

    """
  }
}
