// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import RegistryDatabase
import Replication
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct BackupTests {
  private func restore(_ backup: String, to folder: String) throws -> SiteStore {
    var generator = SeededGenerator(seed: 91)
    let study = try Study.embedded()
    try SiteStore.restore(
      from: backup,
      to: folder,
      study: study,
      actor: TestDevice.actor,
      using: &generator
    )
    return try SiteStore.open(folder: folder, study: study)
  }

  @Test func `a restored store has a new replica id, and what was pending goes on under it`()
    throws
  {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let backup = device.scratch.path + "/backup"
    try device.store.backup(to: backup)
    let store = try restore(backup, to: device.scratch.path + "/restored")
    let (before, after) = (try device.store.status(), try store.status())
    #expect(after.replica != before.replica)
    #expect(after.unsent == before.unsent)
    let (old, new) = try (
      device.store.database.read { try device.store.tables.recomputedDigest(in: $0) },
      store.database.read { try store.tables.recomputedDigest(in: $0) }
    )
    #expect(old != new, "the dots are the new id's")
    let pending = try store.read { try store.pendingChangesets(in: $0) }
    #expect(pending.allSatisfy { $0.dot.replica == after.replica })
    #expect(pending.map(\.dot.sequence) == [1, 2])
  }

  @Test func `a backup of an enrolled device has nothing that is not sealed`() async throws {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 5)
    let center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    var device = try TestDevice()
    try await device.enroll(at: center)
    _ = try device.importText(Practice.small)
    let backup = device.scratch.path + "/backup"
    try device.store.backup(to: backup)
    try await device.sync(with: center)
    try device.set("A1", "baseline", "platelets=150")
    try await device.sync(with: center)
    let store = try restore(backup, to: device.scratch.path + "/restored")
    let engine = SyncEngine(store: store, transport: center, clock: { 1_790_000_000 })
    let report = try await engine.run(actor: TestDevice.actor, using: &generator)
    #expect(!report.hasForked)
    #expect(report.isDigestEqual == true)
    #expect(report.conflicts == 0)
    #expect(try device.store.status().changesets == store.status().changesets)
  }

  @Test func `a restored backup holds record and identities`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let backup = device.scratch.path + "/backup"
    let folder = device.scratch.path + "/restored"
    try device.store.backup(to: backup)
    let store = try restore(backup, to: folder)
    let vault = try store.openVault(.keyFile(TestDevice.keyFile))
    #expect(try store.status().changesets == 2)
    #expect(try vault.patients(mrn: "A1").count == 1)
    #expect(try store.diagnose(now: 1_790_000_000).filter { !$0.isGood } == [])
  }

  @Test func `a backup never replaces a folder`() throws {
    let device = try TestDevice()
    #expect(throws: SiteReplicaError.storeAlreadyThere(folder: device.scratch.path)) {
      try device.store.backup(to: device.scratch.path)
    }
  }

  @Test func `a restored store writes under a new id and keeps what was not sent`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let backup = device.scratch.path + "/backup"
    let folder = device.scratch.path + "/restored"
    try device.store.backup(to: backup)
    try SiteStore.restore(
      from: backup,
      to: folder,
      study: Study.embedded(),
      actor: TestDevice.actor,
      using: &device.generator
    )
    let store = try SiteStore.open(folder: folder, study: Study.embedded())
    let former = try device.store.status().replica
    let pending = try store.outbox().pending
    #expect(pending.count == 2)
    #expect(pending.allSatisfy { $0.dot.replica != former && $0.context[former] == 0 })
    #expect(try store.status().replica == pending.first?.dot.replica)
  }

  @Test func `a restore that fails leaves nothing in the way of the next`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let backup = device.scratch.path + "/backup"
    let folder = device.scratch.path + "/restored"
    try device.store.backup(to: backup)
    let files = FileManager.default
    try files.moveItem(atPath: backup + "/store.sqlite", toPath: backup + "/aside")
    try files.createDirectory(atPath: backup + "/store.sqlite", withIntermediateDirectories: true)
    #expect(throws: SiteReplicaError.self) {
      try SiteStore.restore(
        from: backup,
        to: folder,
        study: Study.embedded(),
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
    #expect(try files.contentsOfDirectory(atPath: folder) == [])
    try files.removeItem(atPath: backup + "/store.sqlite")
    try files.moveItem(atPath: backup + "/aside", toPath: backup + "/store.sqlite")
    try SiteStore.restore(
      from: backup,
      to: folder,
      study: Study.embedded(),
      actor: TestDevice.actor,
      using: &device.generator
    )
    #expect(
      try SiteStore.open(folder: folder, study: Study.embedded()).status().changesets == 2
    )
  }

  @Test func `a backup that fails leaves nothing in the way of the next`() throws {
    let device = try TestDevice()
    let backup = device.scratch.path + "/backup"
    let key = device.store.folder + "/device.key"
    try FileManager.default.moveItem(atPath: key, toPath: device.scratch.path + "/aside")
    #expect(throws: SiteReplicaError.self) { try device.store.backup(to: backup) }
    #expect(!FileManager.default.fileExists(atPath: backup))
    try FileManager.default.moveItem(atPath: device.scratch.path + "/aside", toPath: key)
    try device.store.backup(to: backup)
  }

  @Test func `a restore never replaces a vault or a key`() throws {
    var device = try TestDevice()
    let backup = device.scratch.path + "/backup"
    let folder = device.scratch.path + "/other"
    try device.store.backup(to: backup)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: folder + "/vault.sqlite"))
    #expect(throws: SiteReplicaError.storeAlreadyThere(folder: folder)) {
      try SiteStore.restore(
        from: backup,
        to: folder,
        study: Study.embedded(),
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
  }

  @Test func `a restore never replaces a store`() throws {
    let device = try TestDevice()
    let backup = device.scratch.path + "/backup"
    try device.store.backup(to: backup)
    #expect(throws: SiteReplicaError.storeAlreadyThere(folder: device.store.folder)) {
      _ = try restore(backup, to: device.store.folder)
    }
  }
}
