// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import Testing

@testable import SiteReplica

@Suite struct BackupTests {
  @Test func `a restored backup holds record and identities`() throws {
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
    var device = try TestDevice()
    let backup = device.scratch.path + "/backup"
    try device.store.backup(to: backup)
    #expect(throws: SiteReplicaError.storeAlreadyThere(folder: device.store.folder)) {
      try SiteStore.restore(
        from: backup,
        to: device.store.folder,
        study: Study.embedded(),
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
  }
}
