// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import SyncProtocol
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct ErasureTests {
  private static let canary = 187.654321

  /// A device with two patients, one of whom has a value that is nowhere else.
  private func device(at center: TestCenter? = nil) async throws -> TestDevice {
    var device = try TestDevice()
    if let center { try await device.enroll(at: center) }
    _ = try device.importText(Practice.small)
    try device.set("A1", "baseline", "platelets=\(Self.canary)")
    return device
  }

  private func center(_ scratch: ScratchFolder) throws -> TestCenter {
    var generator = SeededGenerator(seed: 5)
    return try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
  }

  @discardableResult
  private func erase(_ mrn: String, at device: TestDevice) throws -> ErasureReport {
    try device.store.erase(
      mrn: mrn,
      reason: .erasureRequest,
      vault: device.vault,
      actor: TestDevice.actor
    )
  }

  /// The ways in which the canary can stand in a file.
  private var traces: [Data] {
    let bits = withUnsafeBytes(of: Self.canary.bitPattern.bigEndian) { Data($0) }
    return [Data("\(Self.canary)".utf8), bits]
  }

  private func sealedBoxes(_ device: TestDevice) throws -> [Data] {
    try device.vault.database.read { database in
      try Data.fetchAll(
        database,
        sql: "SELECT sealed FROM vault_field WHERE patient = ?",
        arguments: [Data(device.vault.patients(mrn: "A1")[0].bytes)]
      )
    }
  }

  @Test func `no byte of the patient is left in any file`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var device = try await device(at: center)
    try await device.sync(with: center)
    try device.set("A1", "baseline", "platelets=\(Self.canary + 1)")
    try device.set("A1", "baseline", "platelets=\(Self.canary)")
    let patient = try device.vault.patients(mrn: "A1")[0]
    let boxes = try sealedBoxes(device)
    let batch = try #require(
      try device.store.database.read { database in
        try device.store.tables.batches(after: VersionVector(), limitBytes: .max, in: database)
          .batches.first
      }
    )
    let before = try device.storedBytes()
    for trace in traces + boxes { #expect(before.range(of: trace) != nil) }
    #expect(before.range(of: batch.bytes.suffix(80)) != nil)

    let report = try erase("A1", at: device)
    #expect(report.isFinished)
    #expect(report.registrations == [patient])
    #expect(report.redactedBatches > 0)
    let after = try device.storedBytes()
    for trace in traces + boxes { #expect(after.range(of: trace) == nil) }
    #expect(after.range(of: batch.bytes.suffix(80)) == nil)
    #expect(try device.vault.patients(mrn: "A1").isEmpty)
    #expect(try device.value("A2", "baseline", "neutrophils") == "4.1")
  }

  @Test func `the audit trail loses the details and keeps its chain`() async throws {
    let device = try await device()
    let patient = try device.vault.patients(mrn: "A1")[0]
    try erase("A1", at: device)
    let entries = try device.store.auditEntries()
    #expect(try device.store.firstAuditBreak() == nil)
    for entry in entries where entry.patient == patient && entry.action != "erasure" {
      #expect(entry.details.isEmpty)
      #expect(entry.erasedBy == entries.last?.number)
    }
    #expect(entries.last?.action == "erased")
  }

  @Test(
    arguments: [
      "UPDATE site_audit SET who = 'somebody' WHERE erased_by IS NOT NULL",
      "UPDATE site_audit SET details = '{}' WHERE erased_by IS NOT NULL",
      "UPDATE site_audit SET details = '', erased_by = number + 1 WHERE action = 'initialised'",
      "DELETE FROM site_audit WHERE action = 'erased'",
    ]
  )
  func `an entry emptied or changed without an erasure is found`(sql: String) async throws {
    let device = try await device()
    try erase("A1", at: device)
    try device.store.database.write { try $0.execute(sql: sql) }
    #expect(try device.store.firstAuditBreak() != nil)
  }

  @Test func `another device erases with its next sync`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var first = try await device(at: center)
    try await first.sync(with: center)
    var second = try TestDevice(seed: 2)
    try await second.enroll(at: center)
    try second.share(first)
    try await second.sync(with: center)
    try second.set("A1", "baseline", "platelets=\(Self.canary + 1)")

    try erase("A1", at: first)
    try await first.sync(with: center)
    let report = try await second.sync(with: center)
    #expect(report.isDigestEqual == true)
    let bytes = try second.storedBytes()
    for trace in traces { #expect(bytes.range(of: trace) == nil) }
    #expect(try second.vault.patients(mrn: "A1").isEmpty)
    #expect(try second.store.firstAuditBreak() == nil)
    #expect(try await first.sync(with: center).isDigestEqual == true)
    #expect(try second.store.diagnose(now: 1_790_000_000).filter { !$0.isGood } == [])
  }

  @Test func `what is left of a batch never replaces the whole one before its mark came`()
    async throws
  {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    let device = try await device(at: center)
    var generator = device.generator
    let engine = SyncEngine(store: device.store, transport: center, clock: { 1_790_000_000 })
    _ = try await engine.run(actor: TestDevice.actor, using: &generator)
    try device.store.database.checkpoint()
    let folder = scratch.path + "/copy"
    try FileManager.default.copyItem(atPath: device.store.folder, toPath: folder)
    try erase("A1", at: device)
    _ = try await engine.run(actor: TestDevice.actor, using: &generator)

    let copy = try SiteStore.open(folder: folder, study: Study.embedded())
    func log() throws -> [LoggedBatch] {
      try copy.read { database in
        try copy.tables.batches(after: VersionVector(), limitBytes: .max, in: database).batches
      }
    }
    let before = try log()
    let asking = SyncEngine(store: copy, transport: center, clock: { 1_790_000_000 })
    var connection = CenterConnection(
      transport: center,
      identity: try copy.enrolledIdentity(),
      enrollment: try copy.enrollment(),
      clockOffset: 0,
      clock: { 1_790_000_000 },
      pause: nil
    )
    let probe = ForkProbe(replica: before[0].replica, after: 0, log: VersionVector())
    let request = try copy.read { try asking.asking(probe, in: $0).request }
    let reply = try await asking.send(request, &connection, using: &generator)
    let sent = try asking.received(reply.batches)
    #expect(sent.first?.batch.redaction != nil)
    #expect(sent.first?.batch.hash == before.first?.hash)
    let count = try copy.write { try copy.admit([sent[0]], now: 1_790_000_000, in: $0) }
    #expect(count == 0)
    #expect(try log() == before)

    let report = try await asking.run(actor: TestDevice.actor, using: &generator)
    #expect(report.isDigestEqual == true)
    #expect(try log().first?.bytes != before.first?.bytes)
  }

  @Test func `a new device gets what is left and the same digest`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var first = try await device(at: center)
    try await first.sync(with: center)
    try erase("A1", at: first)
    try await first.sync(with: center)
    var fresh = try TestDevice(seed: 3)
    try await fresh.enroll(at: center)
    let report = try await fresh.sync(with: center)
    #expect(report.isDigestEqual == true)
    #expect(try fresh.store.status().changesets == first.store.status().changesets)
    #expect(try fresh.store.database.read { try fresh.store.tables.redactedBatches(in: $0) } > 0)
  }

  @Test func `a device restored from an older backup erases again`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var device = try await device(at: center)
    try await device.sync(with: center)
    try device.store.backup(to: scratch.path + "/backup")
    try erase("A1", at: device)
    try await device.sync(with: center)
    try SiteStore.restore(
      from: scratch.path + "/backup",
      to: scratch.path + "/restored",
      study: Study.embedded(),
      actor: TestDevice.actor,
      using: &device.generator
    )
    let store = try SiteStore.open(folder: scratch.path + "/restored", study: Study.embedded())
    let before = try store.openVault(.keyFile(TestDevice.keyFile))
    #expect(try before.patients(mrn: "A1").count == 1)
    let engine = SyncEngine(store: store, transport: center, clock: { 1_790_000_000 })
    let report = try await engine.run(actor: TestDevice.actor, using: &device.generator)
    #expect(report.isDigestEqual == true)
    let vault = try store.openVault(.keyFile(TestDevice.keyFile))
    #expect(try vault.patients(mrn: "A1").isEmpty)
  }

  @Test func `an identity that comes back by a vault file is erased again`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var first = try await device(at: center)
    var second = try TestDevice(seed: 2)
    try await second.enroll(at: center)
    try second.share(first)
    try await first.sync(with: center)
    try erase("A1", at: first)
    try await first.sync(with: center)
    try first.share(second)
    #expect(try first.vault.patients(mrn: "A1").isEmpty)
    #expect(try first.vault.patients(mrn: "A2").count == 1)
  }

  @Test func `a form that was drafted before the erasure is not saved after it`() async throws {
    var device = try await device()
    let draft = try device.store.draft(
      mrn: "A1",
      event: "baseline",
      assignments: [Assignment(field: "neutrophils", text: "6.1")],
      vault: device.vault,
      using: &device.generator
    )
    try erase("A1", at: device)
    #expect(throws: SiteReplicaError.self) {
      try device.store.save(
        draft,
        vault: device.vault,
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
    #expect(try device.store.diagnose(now: 1_790_000_000).filter { !$0.isGood } == [])
  }

  @Test func `every registration of a merged patient goes`() async throws {
    let device = try await device()
    try device.store.database.write { database in
      try database.execute(sql: "SELECT 1")
    }
    var other = device
    try other.set("A3", nil, "birth_date=1960-05-06", "treatment_start=2024-01-10", "sex=male")
    _ = try other.store.merge("A1", "A3", vault: other.vault, actor: TestDevice.actor)
    let report = try erase("A1", at: other)
    #expect(report.registrations.count == 2)
    #expect(try other.vault.patients(mrn: "A3").isEmpty)
    #expect(throws: SiteReplicaError.unknownPatient) { try erase("A1", at: other) }
  }

  @Test func `a reason that is none of the law's is refused`() async throws {
    let device = try await device()
    #expect(throws: SiteReplicaError.self) {
      try device.store.erase(
        mrn: "A1",
        reason: .correction,
        vault: device.vault,
        actor: TestDevice.actor
      )
    }
    #expect(try device.vault.patients(mrn: "A1").count == 1)
  }
}
