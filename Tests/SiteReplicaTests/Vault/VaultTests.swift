// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import Testing

@testable import SiteReplica

@Suite struct VaultTests {
  @Test func `a copied store without the key names nobody`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", nil, "note=seen by Dr Zhao")
    let bytes = try device.storedBytes()
    for word in ["A1,", "Li Ming", "Wang", "Zhao", "1960-05-06", "2024-01-10", "2024-01-08"] {
      #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) is readable")
    }
  }

  @Test func `the key file opens the vault again`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let vault = try device.store.openVault(.keyFile(TestDevice.keyFile))
    let patient = try #require(try vault.patients(mrn: "A1").first)
    #expect(try vault.identity(of: patient)?.fields["name"] == .text("Li Ming"))
  }

  @Test func `the recovery key opens the vault, however it is typed`() throws {
    let device = try TestDevice()
    let typed = device.recoveryKey.lowercased().replacing("-", with: " ")
    #expect(throws: Never.self) { try device.store.openVault(.recovery(typed)) }
  }

  @Test func `a wrong key is refused`() throws {
    let device = try TestDevice()
    #expect(throws: SiteReplicaError.vault(.wrongSecret)) {
      try device.store.openVault(.keyFile(Data(repeating: 7, count: 32)))
    }
  }

  @Test func `a kind of secret that was not chosen is named`() throws {
    let device = try TestDevice()
    #expect(throws: SiteReplicaError.vault(.noSuchSlot(.passphrase))) {
      try device.store.openVault(.passphrase(Data("words".utf8)))
    }
  }

  @Test func `a value moved to another patient does not open`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let vault = device.vault
    let (first, second) = (try vault.patients(mrn: "A1")[0], try vault.patients(mrn: "A2")[0])
    try vault.database.write { database in
      try database.execute(
        sql: """
          UPDATE vault_field SET sealed =
            (SELECT sealed FROM vault_field WHERE patient = ? AND field = 'name')
          WHERE patient = ? AND field = 'name'
          """,
        arguments: [Data(first.bytes), Data(second.bytes)]
      )
    }
    #expect(throws: VaultError.damaged(field: "name")) { try vault.identity(of: second) }
  }

  @Test func `the index of a record number cannot be computed without the vault's key`() throws {
    var (one, other) = (try TestDevice(seed: 1), try TestDevice(seed: 2))
    _ = try one.importText(Practice.small)
    _ = try other.importText(Practice.small)
    #expect(one.vault.index(of: "A1") == one.vault.index(of: "A1"))
    #expect(one.vault.index(of: "A1") != other.vault.index(of: "A1"))
  }

  @Test func `full-width digits and spaces find the same patient`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    #expect(try device.vault.patients(mrn: " Ａ１ ").count == 1)
  }

  @Test func `a transfer file brings identities to a second device`() throws {
    var first = try TestDevice(seed: 1)
    var second = try TestDevice(seed: 2)
    _ = try first.importText(Practice.small)
    let code = Vault.transferCode(using: &first.generator)
    let file = try first.store.writeTransfer(
      vault: first.vault,
      secret: .code(code),
      actor: TestDevice.actor,
      using: &first.generator
    )
    let result = try second.store.readTransfer(
      file.file,
      vault: second.vault,
      secret: .code(code),
      actor: TestDevice.actor,
      using: &second.generator
    )
    #expect(result.added == 2)
    #expect(file.file.range(of: Data("Li Ming".utf8)) == nil)
    #expect(try second.vault.patients(mrn: "A1") == first.vault.patients(mrn: "A1"))
  }

  @Test func `identity fields that differ are shown and not replaced`() throws {
    var first = try TestDevice(seed: 1)
    var second = try TestDevice(seed: 2)
    _ = try first.importText(Practice.small)
    try transfer(&first, &second)
    try first.set("A1", nil, "name=Li Meng")
    let result = try transfer(&first, &second)
    #expect(result.conflicts.map(\.field) == ["name"])
    #expect(result.conflicts.first?.here == .text("Li Ming"))
    #expect(
      try second.vault.identity(of: second.vault.patients(mrn: "A1")[0])?.fields["name"]
        == .text("Li Ming")
    )
  }

  @Test func `a transfer file of another site is refused`() throws {
    var first = try TestDevice(site: "HILL", seed: 1)
    var second = try TestDevice(site: "COAST", seed: 2)
    #expect(throws: SiteReplicaError.vault(.foreignTransfer(site: "HILL"))) {
      try transfer(&first, &second)
    }
  }

  @Test func `a transfer file does not open with another code`() throws {
    var first = try TestDevice(seed: 1)
    let file = try first.store.writeTransfer(
      vault: first.vault,
      secret: .code(Vault.transferCode(using: &first.generator)),
      actor: TestDevice.actor,
      using: &first.generator
    ).file
    #expect(throws: SiteReplicaError.vault(.unreadableTransfer)) {
      try first.store.readTransfer(
        file,
        vault: first.vault,
        secret: .code(Vault.transferCode(using: &first.generator)),
        actor: TestDevice.actor,
        using: &first.generator
      )
    }
  }

  @discardableResult
  private func transfer(
    _ first: inout TestDevice,
    _ second: inout TestDevice
  ) throws -> TransferResult {
    let code = Vault.transferCode(using: &first.generator)
    let file = try first.store.writeTransfer(
      vault: first.vault,
      secret: .code(code),
      actor: TestDevice.actor,
      using: &first.generator
    )
    return try second.store.readTransfer(
      file.file,
      vault: second.vault,
      secret: .code(code),
      actor: TestDevice.actor,
      using: &second.generator
    )
  }
}
