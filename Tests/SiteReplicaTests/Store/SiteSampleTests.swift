// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import TestSupport
import Testing

@testable import SiteReplica

/// Stores of every schema, as sites have them on disk: today's program opens each one.
///
/// `LOBULE_RECORD=1` writes the present schema's when it is not there; see `Tests/Wire/README.md`.
struct SiteSampleTests {
  static let versions = ["1", present]
  private static let present = "2"

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Wire/databases")

  private func file(_ version: String, _ name: String) -> URL {
    Self.folder.appending(path: "site-\(version)/\(name)")
  }

  /// A store folder made of a version's texts.
  private func restored(_ version: String) throws -> (ScratchFolder, String) {
    let scratch = try ScratchFolder()
    let store = scratch.path + "/store"
    try FileManager.default.createDirectory(
      atPath: store,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    for name in ["store", "vault"] {
      let text = try String(contentsOf: file(version, "\(name).sql"), encoding: .utf8)
      try DatabaseText.restore(text, to: "\(store)/\(name).sqlite")
    }
    let key = "\(store)/\(DeviceKey.fileName)"
    try Data(contentsOf: file(version, DeviceKey.fileName)).write(to: URL(filePath: key))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    return (scratch, store)
  }

  /// What the store shows: digest, counts, conflicts, and every value with its patient.
  private func description(_ store: SiteStore, _ vault: Vault) throws -> String {
    let root = try store.read { try store.tables.stateRoot(in: $0) }
    let status = try store.status()
    var lines = [
      "digest \(hexadecimal(root))",
      "\(status.changesets) changesets, \(status.unsent) unsent, \(status.conflicts) conflicts",
    ]
    for record in try store.records(vault: vault) {
      lines.append("\(record.identity?.mrn ?? "?") \(record.patient)")
      lines += (record.identity?.fields ?? [:]).sorted { $0.key < $1.key }
        .map { "  \($0.key) = \(ValueText.text($0.value))" }
      lines += record.values.map {
        "  [\($0.address.row.event)] [\($0.address.row.reader)] \($0.address.field) = \($0.text)"
          + ($0.register.hasConflict ? " (conflict)" : "")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test func `the present schema has its sample`() async throws {
    let isThere = FileManager.default.fileExists(atPath: file(Self.present, "store.sql").path)
    if ProcessInfo.processInfo.environment["LOBULE_RECORD"] == "1", !isThere {
      try await record(to: Self.present)
    }
    #expect(FileManager.default.fileExists(atPath: file(Self.present, "store.sql").path))
  }

  @Test(arguments: versions)
  func `today's program opens the store of a schema and shows what it held`(
    version: String
  ) throws {
    let (scratch, folder) = try restored(version)
    let store = try SiteStore.open(folder: folder, study: Study.embedded())
    let vault = try store.openVault(.keyFile(TestDevice.keyFile))
    let expected = try String(contentsOf: file(version, "expected.txt"), encoding: .utf8)
    #expect(try description(store, vault) == expected)
    withExtendedLifetime(scratch) {}
  }

  @Test(arguments: versions)
  func `the doctor finds nothing in the store of a schema`(version: String) throws {
    let (scratch, folder) = try restored(version)
    let store = try SiteStore.open(folder: folder, study: Study.embedded())
    _ = try store.openVault(.keyFile(TestDevice.keyFile))
    let checks = try store.diagnose(now: TestDevice.actor.now + 60)
    #expect(checks.filter { !$0.isGood } == [])
    withExtendedLifetime(scratch) {}
  }

  @Test(arguments: versions)
  func `the store of a schema takes a change and seals it`(version: String) throws {
    let (scratch, folder) = try restored(version)
    let store = try SiteStore.open(folder: folder, study: Study.embedded())
    let vault = try store.openVault(.keyFile(TestDevice.keyFile))
    var generator = SeededGenerator(seed: 5)
    let draft = try store.draft(
      mrn: "A2",
      event: "week8",
      assignments: [Assignment(field: "adc_mean", text: "1.31")],
      vault: vault,
      using: &generator
    )
    try store.save(draft, vault: vault, actor: TestDevice.actor, using: &generator)
    #expect(try store.seal(with: store.enrolledIdentity()) > 0)
    #expect(
      try store.read { try store.tables.recomputedDigest(in: $0).root }
        == store.read { try store.tables.stateRoot(in: $0) }
    )
    withExtendedLifetime(scratch) {}
  }

  @Test(arguments: ["store", "vault"])
  func `a database of a newer schema is refused and not touched`(name: String) throws {
    let (scratch, folder) = try restored("1")
    let path = "\(folder)/\(name).sqlite"
    let queue = try DatabaseQueue(path: path)
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('\(name)_9999_of_a_later_program')")
    }
    try queue.close()
    let expected: SiteReplicaError =
      name == "store" ? .storeOfNewerVersion : .vault(.newerVersion)
    #expect(throws: expected) {
      let store = try SiteStore.open(folder: folder, study: Study.embedded())
      _ = try store.openVault(.keyFile(TestDevice.keyFile))
    }
    let later = try DatabaseQueue(path: path).read {
      try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
    }
    #expect(later.contains("\(name)_9999_of_a_later_program"))
    withExtendedLifetime(scratch) {}
  }

  /// Two devices that met, disagree about one value, and a change that is not sealed yet.
  private func record(to version: String) async throws {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 77)
    let center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    var first = try TestDevice(seed: 1)
    var second = try TestDevice(seed: 2)
    try await first.enroll(at: center)
    try await second.enroll(at: center)
    _ = try first.importText(Practice.small)
    try second.share(first)
    try await first.sync(with: center)
    try await second.sync(with: center)
    try second.set("A2", "baseline", "platelets=210", "lymphocytes=1.9")
    try first.set("A2", "baseline", "lymphocytes=1.8")
    try first.set("A1", "week8", "mri_date=2024-03-06", "adc_mean=1.12")
    for _ in 0..<2 {
      try await first.sync(with: center)
      try await second.sync(with: center)
    }
    try first.set("A1", "week8", "adc_mean=1.15")
    let target = Self.folder.appending(path: "site-\(version)")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    for name in ["store", "vault"] {
      let text = try DatabaseText.dump("\(first.store.folder)/\(name).sqlite")
      try Data(text.utf8).write(to: file(version, "\(name).sql"))
    }
    try Data(contentsOf: URL(filePath: "\(first.store.folder)/\(DeviceKey.fileName)"))
      .write(to: file(version, DeviceKey.fileName))
    try Data(try description(first.store, first.vault).utf8)
      .write(to: file(version, "expected.txt"))
  }
}
