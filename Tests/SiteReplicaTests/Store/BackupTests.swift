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
