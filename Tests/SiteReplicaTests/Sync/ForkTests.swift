// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import RegistryDatabase
import Replication
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct ForkTests {
  /// An enrolled device that has synced, and a copy of its folder from then.
  private func copied(
    _ scratch: ScratchFolder
  ) async throws -> (TestDevice, TestCenter, folder: String) {
    var generator = SeededGenerator(seed: 77)
    let center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    var device = try TestDevice()
    try await device.enroll(at: center)
    _ = try device.importText(Practice.small)
    try await device.sync(with: center)
    try device.store.database.checkpoint()
    let copy = scratch.path + "/copy"
    try FileManager.default.copyItem(atPath: device.store.folder, toPath: copy)
    return (device, center, copy)
  }

  @Test func `a restored device that wrote nothing takes a new id and catches up`() async throws {
    let scratch = try ScratchFolder()
    var (device, center, folder) = try await copied(scratch)
    try device.set("A1", "baseline", "platelets=150")
    try await device.sync(with: center)
    let restored = try SiteStore.open(folder: folder, study: Study.embedded())
    let before = try restored.status().replica
    var generator = SeededGenerator(seed: 3)
    let engine = SyncEngine(store: restored, transport: center, clock: { 1_790_000_000 })
    let report = try await engine.run(actor: TestDevice.actor, using: &generator)
    #expect(report.hasForked)
    #expect(report.isDigestEqual == true)
    #expect(try restored.status().replica != before)
  }

  @Test func `changes of both histories survive`() async throws {
    let scratch = try ScratchFolder()
    var (device, center, folder) = try await copied(scratch)
    try device.set("A1", "baseline", "platelets=150")
    try await device.sync(with: center)
    let restored = try SiteStore.open(folder: folder, study: Study.embedded())
    let vault = try restored.openVault(.keyFile(TestDevice.keyFile))
    var generator = SeededGenerator(seed: 3)
    let draft = try restored.draft(
      mrn: "A2",
      event: "baseline",
      assignments: [Assignment(field: "platelets", text: "222")],
      vault: vault,
      using: &generator
    )
    try restored.save(draft, vault: vault, actor: TestDevice.actor, using: &generator)
    let engine = SyncEngine(store: restored, transport: center, clock: { 1_790_000_000 })
    let report = try await engine.run(actor: TestDevice.actor, using: &generator)
    #expect(report.hasForked)
    #expect(report.isDigestEqual == true)
    #expect(try restored.status().unsent == 0)
    let pulled = try await device.sync(with: center)
    #expect(pulled.isDigestEqual == true)
    #expect(try device.value("A1", "baseline", "platelets") == "150")
    #expect(try device.value("A2", "baseline", "platelets") == "222")
  }

  private func report(_ store: SiteStore, _ center: TestCenter) async throws -> SyncReport {
    var generator = SeededGenerator(seed: 3)
    let engine = SyncEngine(store: store, transport: center, clock: { 1_790_000_000 })
    return try await engine.run(actor: TestDevice.actor, using: &generator)
  }

  private func set(
    _ store: SiteStore,
    _ mrn: String,
    _ assignment: String,
    seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let vault = try store.openVault(.keyFile(TestDevice.keyFile))
    let draft = try store.draft(
      mrn: mrn,
      event: "baseline",
      assignments: [try #require(Assignment(assignment))],
      vault: vault,
      using: &generator
    )
    try store.save(draft, vault: vault, actor: TestDevice.actor, using: &generator)
  }

  @Test func `what a backup had not sent survives a copy that went on under its id`()
    async throws
  {
    let scratch = try ScratchFolder()
    var (device, center, folder) = try await copied(scratch)
    try device.set("A1", "baseline", "platelets=150")
    let backup = scratch.path + "/backup"
    try device.store.backup(to: backup)

    // The copy writes under the id that the backup's sealed change has too, and is sent first.
    let copy = try SiteStore.open(folder: folder, study: Study.embedded())
    try set(copy, "A2", "platelets=222", seed: 8)
    #expect(try await report(copy, center).isDigestEqual == true)

    var generator = SeededGenerator(seed: 91)
    let study = try Study.embedded()
    try SiteStore.restore(
      from: backup,
      to: scratch.path + "/restored",
      study: study,
      actor: TestDevice.actor,
      using: &generator
    )
    let restored = try SiteStore.open(folder: scratch.path + "/restored", study: study)
    try set(restored, "A1", "albumin=41", seed: 9)
    let synced = try await report(restored, center)
    #expect(synced.hasForked)
    #expect(synced.refused == 0)
    #expect(synced.isDigestEqual == true)
    #expect(synced.conflicts == 0)
    #expect(try restored.status().unsent == 0)

    let pulled = try await report(copy, center)
    #expect(!pulled.hasForked)
    #expect(pulled.isDigestEqual == true)
    let vault = try copy.openVault(.keyFile(TestDevice.keyFile))
    for (mrn, field, text) in [
      ("A1", "platelets", "150"), ("A1", "albumin", "41"),
      ("A2", "platelets", "222"),
    ] {
      let record = try copy.record(of: copy.patient(mrn: mrn, vault: vault), vault: vault)
      let value = record.values.first {
        $0.address.row.event == "baseline" && $0.address.field == field
      }
      #expect(value?.text == text)
    }
  }
}
