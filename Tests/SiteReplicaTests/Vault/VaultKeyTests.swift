// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import Testing

@testable import SiteReplica

/// Passphrase, recovery key, lock, the vault's own backup, and what is redacted.
@Suite struct VaultKeyTests {
  private static let passphrase = Data("four words of a song".utf8)

  private func device() throws -> TestDevice {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    return device
  }

  private func names(_ secret: VaultSecret, _ device: TestDevice) throws -> Int {
    try device.store.openVault(secret).identities().count
  }

  private func actions(_ device: TestDevice) throws -> [String] {
    try device.store.auditEntries().map(\.action)
  }

  @Test func `a new passphrase opens the vault and the earlier one does not`() throws {
    var device = try device()
    for text in [Data("the first".utf8), Self.passphrase] {
      try device.store.setPassphrase(
        text,
        of: device.vault,
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
    #expect(try names(.passphrase(Self.passphrase), device) == 2)
    #expect(throws: SiteReplicaError.vault(.wrongSecret)) {
      try names(.passphrase(Data("the first".utf8)), device)
    }
    #expect(try actions(device).suffix(2) == ["vault_secret_changed", "vault_secret_changed"])
  }

  @Test func `a rehearsal of the recovery key reads every identity and changes no secret`() throws {
    let device = try device()
    #expect(try device.store.rehearseRecovery(device.recoveryKey, actor: TestDevice.actor) == 2)
    #expect(try names(.recovery(device.recoveryKey), device) == 2)
    #expect(try names(.keyFile(TestDevice.keyFile), device) == 2)
    #expect(try actions(device).last == "recovery_rehearsed")
  }

  @Test func `a rehearsal with another key fails and leaves no entry`() throws {
    let device = try device()
    let before = try actions(device)
    #expect(throws: SiteReplicaError.vault(.wrongSecret)) {
      try device.store.rehearseRecovery(
        "00000-00000-00000-00000-00000-0",
        actor: TestDevice.actor
      )
    }
    #expect(try actions(device) == before)
  }

  @Test func `a renewed recovery key replaces the used one`() throws {
    var device = try device()
    let key = try device.store.renewRecoveryKey(
      of: device.vault,
      actor: TestDevice.actor,
      using: &device.generator
    )
    #expect(try names(.recovery(key), device) == 2)
    #expect(throws: SiteReplicaError.vault(.wrongSecret)) {
      try names(.recovery(device.recoveryKey), device)
    }
  }

  @Test func `a locked vault opens by its passphrase and not by a copy of the key file`() throws {
    var device = try device()
    try device.store.setPassphrase(
      Self.passphrase,
      of: device.vault,
      actor: TestDevice.actor,
      using: &device.generator
    )
    try device.store.lockVault(device.vault, actor: TestDevice.actor)
    #expect(throws: SiteReplicaError.vault(.noSuchSlot(.keyFile))) {
      try names(.keyFile(TestDevice.keyFile), device)
    }
    let vault = try device.store.openVault(.passphrase(Self.passphrase))
    let other = Data("fedcba9876543210fedcba9876543210".utf8)
    try device.store.unlockVault(
      vault,
      keyFile: other,
      actor: TestDevice.actor,
      using: &device.generator
    )
    #expect(try names(.keyFile(other), device) == 2)
    #expect(throws: SiteReplicaError.vault(.wrongSecret)) {
      try names(.keyFile(TestDevice.keyFile), device)
    }
    #expect(try actions(device).suffix(2) == ["vault_locked", "vault_unlocked"])
  }

  @Test func `a vault without a passphrase is not locked`() throws {
    let device = try device()
    #expect(throws: SiteReplicaError.vault(.noOtherSecret)) {
      try device.store.lockVault(device.vault, actor: TestDevice.actor)
    }
    #expect(try names(.keyFile(TestDevice.keyFile), device) == 2)
  }

  @Test func `vault and data are backed up apart and come together again`() throws {
    var device = try device()
    let (data, vault) = (device.scratch.path + "/data", device.scratch.path + "/vault.copy")
    try device.store.backup(to: data, withVault: false)
    try device.store.backupVault(to: vault)
    #expect(try !FileManager.default.contentsOfDirectory(atPath: data).contains("vault.sqlite"))
    let folder = device.scratch.path + "/again"
    try SiteStore.restore(
      from: data,
      to: folder,
      study: Study.embedded(),
      actor: TestDevice.actor,
      using: &device.generator
    )
    let again = try SiteStore.open(folder: folder, study: Study.embedded())
    #expect(throws: SiteReplicaError.vault(.missing)) {
      try again.openVault(.keyFile(TestDevice.keyFile))
    }
    #expect(throws: SiteReplicaError.vault(.wrongSecret)) {
      try again.restoreVault(from: vault, secret: .keyFile(Data(repeating: 7, count: 32)))
    }
    #expect(try again.restoreVault(from: vault, secret: .keyFile(TestDevice.keyFile)) == 2)
    let opened = try again.openVault(.keyFile(TestDevice.keyFile))
    let patient = try again.patient(mrn: "A1", vault: opened)
    #expect(try again.record(of: patient, vault: opened).values.isEmpty == false)
    #expect(try opened.identity(of: patient)?.fields["name"] == .text("Li Ming"))
  }

  @Test func `a vault is never put over another`() throws {
    let device = try device()
    let copy = device.scratch.path + "/vault.copy"
    try device.store.backupVault(to: copy)
    #expect(throws: SiteReplicaError.vault(.alreadyThere)) {
      try device.store.restoreVault(from: copy, secret: .keyFile(TestDevice.keyFile))
    }
    #expect(throws: SiteReplicaError.self) { try device.store.backupVault(to: copy) }
  }

  @Test func `a backup of the data alone holds no identity, encrypted or not`() throws {
    let device = try device()
    let target = device.scratch.path + "/data"
    try device.store.backup(to: target, withVault: false)
    let names = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
    #expect(names == ["device.key", "store.sqlite"])
  }
}
