// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Replication
import SyncProtocol
import Testing

@testable import Center

@Suite struct RestoreTests {
  private static let later = TestCenter.now + 86_400

  /// A centre that goes on from a copy of its store.
  private func restored(
    _ test: TestCenter,
    knowsRevocations: Bool = true,
    at now: Int = Self.later
  ) throws -> Center {
    let copy = test.folder.appending(path: "copy-\(UUID().uuidString).sqlite").path
    try SQLiteCenterStore.open(path: test.path).copy(to: copy)
    let center = Center(store: try SQLiteCenterStore.open(path: copy))
    _ = try center.beginAnew(
      from: "00",
      madeAt: TestCenter.now,
      timestampKey: test.timestampKey,
      epoch: Data(repeating: 7, count: 16),
      knowsRevocations: knowsRevocations,
      now: now
    )
    return center
  }

  private func release(_ version: UInt64, at test: TestCenter) throws {
    let candidate = try test.candidate(version: version)
    for key in test.modelKeys.prefix(2) {
      _ = try test.center.sign(candidate.id, key: key, overrideReason: nil, now: TestCenter.now)
    }
    _ = try test.center.release(
      candidate.id,
      timestampKey: test.timestampKey,
      now: TestCenter.now
    )
  }

  @Test func `an open enrolment code of the backup is void after a restore`() throws {
    let test = try TestCenter()
    let code = try test.code(for: "HILL")
    let center = try restored(test)
    let device = TestDevice(site: "HILL", study: test.study)
    #expect(throws: CenterError.enrolment(.expiredCode)) {
      _ = try center.enrol(
        Enrollment.request(
          site: "HILL",
          publicKey: device.key.publicKey.rawRepresentation,
          code: code
        ),
        authority: "127.0.0.1:8443",
        now: Self.later
      )
    }
  }

  @Test func `revocations are open after a restore until they are confirmed once`() throws {
    let test = try TestCenter()
    #expect(try !test.center.awaitsRevocations())
    #expect(try !restored(test).awaitsRevocations())
    let center = try restored(test, knowsRevocations: false)
    #expect(try center.awaitsRevocations())
    _ = try center.confirmRevocations(now: Self.later)
    #expect(try !center.awaitsRevocations())
    let size = try center.auditCheckpoint().size
    _ = try center.confirmRevocations(now: Self.later)
    #expect(try center.auditCheckpoint().size == size)
  }

  @Test func `the audit log names the break and stays whole`() throws {
    let test = try TestCenter()
    let before = try test.center.verifyAudit()
    let center = try restored(test)
    #expect(try center.verifyAudit().size == before.size + 1)
    try center.verifyAudit(continues: before)
    let last = try #require(try center.auditEntries(from: Int(before.size) + 1, limit: 1).first)
    #expect(last.canonical.contains("center_restored"))
    #expect(last.canonical.contains(Center.hexadecimal(before.root)))
    #expect(last.canonical.contains(Center.hexadecimal(Data(repeating: 7, count: 16))))
  }

  @Test func `nothing that was signed before a restore is taken`() throws {
    let test = try TestCenter()
    #expect(try test.center.noncesKnownFrom() == 0)
    #expect(try restored(test).noncesKnownFrom() == Self.later)
  }

  @Test func `timestamps go on above those of the life before`() throws {
    let test = try TestCenter()
    try release(1, at: test)
    let former = try #require(
      try test.center.store.read { try $0.document(.timestamp, version: nil) }
    )
    let center = try restored(test)
    let timestamp = try center.store.read { try $0.document(.timestamp, version: nil) }
    #expect(try #require(timestamp).version == UInt64(Self.later))
    #expect(former.version < UInt64(Self.later))
  }

  @Test func `a site with a newer release is offered no older one, nor is anybody else`() throws {
    let test = try TestCenter()
    try release(1, at: test)
    var device = try test.device(of: "HILL")
    let center = try restored(test)
    func offered(to version: UInt64) throws -> UInt64 {
      try center.ingest(
        SyncRequest(
          vector: VersionVector(),
          chainHeads: [],
          stateRoot: Data(repeating: 0, count: 32),
          modelVersion: version
        ),
        site: "HILL",
        keyID: device.keyID,
        answeringAs: test.identity,
        now: Self.later
      ).modelVersion
    }
    #expect(try offered(to: 1) == 1)
    #expect(try offered(to: 2) == 0)
    #expect(try offered(to: 0) == 0)
    #expect(throws: CenterError.self) { _ = try center.modelBundle() }
    #expect(try center.versionToExceed() == 2)
    _ = try device.seal()
  }

  @Test func `a device enrolled again keeps what it sealed under its former name`() throws {
    let test = try TestCenter()
    // Two devices enrol after the backup; after it, the second one comes first.
    _ = try test.code(for: "HILL")
    let center = try restored(test)
    _ = try test.device(of: "HILL")
    var second = try test.device(of: "HILL")
    let first = try second.seal()
    let next = try second.seal(patient: PatientID(high: 1, low: 2))
    var generator = SystemRandomNumberGenerator()
    let code = try center.addSite("HILL", name: "", now: Self.later, using: &generator)
    let reply = try center.enrol(
      Enrollment.request(
        site: "HILL",
        publicKey: second.key.publicKey.rawRepresentation,
        code: code
      ),
      authority: "127.0.0.1:8443",
      now: Self.later
    )
    #expect(reply.keyID != second.keyID)
    let answer = try center.ingest(
      second.request([first, next]),
      site: "HILL",
      keyID: reply.keyID,
      answeringAs: test.identity,
      now: Self.later
    )
    #expect(answer.refused.isEmpty)
    #expect(answer.vector[second.replica] == 2)
  }

  @Test func `an inventory names a log that lost a batch`() throws {
    let test = try TestCenter()
    var device = try test.device(of: "HILL")
    _ = try test.push(
      [device.seal(), device.seal(patient: PatientID(high: 1, low: 2))],
      by: device
    )
    let inventory = try test.center.verifiedInventory()
    #expect(inventory.sites.map(\.changesets) == [2])
    let shell = Process()
    shell.executableURL = URL(filePath: "/usr/bin/env")
    shell.arguments = ["sqlite3", test.path, "DELETE FROM log_batch WHERE first_sequence = 2"]
    guard (try? shell.run()) != nil else { return }
    shell.waitUntilExit()
    guard shell.terminationStatus == 0 else { return }
    #expect(throws: CenterError.storage("the log of site HILL has gaps")) {
      _ = try test.center.verifiedInventory()
    }
  }
}
