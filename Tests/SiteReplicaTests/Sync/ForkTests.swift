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
}
