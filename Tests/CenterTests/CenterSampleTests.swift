// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Replication
import SyncProtocol
import TestSupport
import Testing

@testable import Center

/// Stores of every schema, as centres have them on disk: today's program opens each one.
///
/// `LOBULE_RECORD=1` writes the present schema's when it is not there; see `Tests/Wire/README.md`.
@Suite struct CenterSampleTests {
  static let versions = ["1", present]
  private static let present = "2"

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Wire/databases")

  private func file(_ version: String, _ name: String) -> URL {
    Self.folder.appending(path: "center-\(version)/\(name)")
  }

  /// A scratch folder with the database of a version's text.
  private func restored(_ version: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "center-sample-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = try String(contentsOf: file(version, "store.sql"), encoding: .utf8)
    try DatabaseText.restore(text, to: "\(folder)/center.sqlite")
    return "\(folder)/center.sqlite"
  }

  /// What the centre holds: sites, digests, vectors, cuts, models and the audit's end.
  private func description(_ center: Center) throws -> String {
    try center.store.read { store in
      var lines: [String] = []
      for site in try store.sites() {
        lines.append(
          "site \(site.code): digest \(Center.hexadecimal(try store.stateRoot(site: site.code)))"
        )
        for (replica, last) in try store.vector(site: site.code).entries.sorted(by: {
          $0.key < $1.key
        }) {
          lines.append("  \(replica) through \(last)")
        }
        var patients = 0
        try store.forEachPatient(site: site.code) { _, _ in patients += 1 }
        lines.append("  \(patients) patients, \(try store.devices(site: site.code).count) devices")
      }
      for cut in try store.cuts() {
        lines.append(
          "cut \(cut.id) SHA-256 \(Center.hexadecimal(cut.sha256))"
        )
      }
      lines.append("audit \(try store.auditTree().size) entries")
      return lines.joined(separator: "\n") + "\n"
    }
  }

  @Test func `the present schema has its sample`() throws {
    let isThere = FileManager.default.fileExists(atPath: file(Self.present, "store.sql").path)
    if ProcessInfo.processInfo.environment["LOBULE_RECORD"] == "1", !isThere {
      try record(to: Self.present)
    }
    #expect(FileManager.default.fileExists(atPath: file(Self.present, "store.sql").path))
  }

  @Test(arguments: versions)
  func `today's program opens the store of a schema and finds what it held`(
    version: String
  ) throws {
    let path = try restored(version)
    defer {
      try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
    }
    let center = Center(store: try SQLiteCenterStore.open(path: path))
    let expected = try String(contentsOf: file(version, "expected.txt"), encoding: .utf8)
    #expect(try description(center) == expected)
    #expect(throws: Never.self) { try center.verifyAudit() }
  }

  @Test(arguments: versions)
  func `heads made anew from the log of a schema are the stored ones`(version: String) throws {
    let path = try restored(version)
    defer {
      try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
    }
    let center = Center(store: try SQLiteCenterStore.open(path: path))
    let expected = try String(contentsOf: file(version, "expected.txt"), encoding: .utf8)
    try center.store.write { store in
      for site in try store.sites() { try store.rebuildHeads(site: site.code) }
    }
    #expect(try description(center) == expected)
  }

  @Test func `a store of a newer schema is refused`() throws {
    let path = try restored("1")
    defer {
      try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
    }
    let queue = try DatabaseQueue(path: path)
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('center_9999_of_a_later_program')")
    }
    try queue.close()
    #expect(throws: CenterError.newerVersion) { try SQLiteCenterStore.open(path: path) }
  }

  private func record(to version: String) throws {
    let centre = try TestCenter()
    for site in ["HILL", "NORTH"] {
      var device = try centre.device(of: site)
      let batches = try (0..<3).map { index in
        try device.seal(
          patients: [PatientID(high: 1, low: index), PatientID(high: 2, low: index)],
          values: ["sex": .code(index == 1 ? "female" : "male"), "age": .integer(60)]
        )
      }
      _ = try centre.push(batches, by: device)
    }
    _ = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    let target = Self.folder.appending(path: "center-\(version)")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    try Data(try DatabaseText.dump(centre.path).utf8).write(to: file(version, "store.sql"))
    try Data(try description(centre.center).utf8).write(to: file(version, "expected.txt"))
  }
}
