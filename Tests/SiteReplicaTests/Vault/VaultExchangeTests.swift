// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import Testing

@testable import SiteReplica

/// The encrypted file by which two devices of a hospital share identities.
@Suite struct VaultExchangeTests {
  private func written(
    _ device: inout TestDevice,
    _ secret: TransferSecret
  ) throws -> Data {
    try device.store.writeTransfer(
      vault: device.vault,
      secret: secret,
      actor: TestDevice.actor,
      using: &device.generator
    ).file
  }

  @discardableResult
  private func read(
    _ file: Data,
    _ device: inout TestDevice,
    _ secret: TransferSecret
  ) throws -> TransferResult {
    try device.store.readTransfer(
      file,
      vault: device.vault,
      secret: secret,
      actor: TestDevice.actor,
      using: &device.generator
    )
  }

  private func pair() throws -> (first: TestDevice, second: TestDevice) {
    var first = try TestDevice(seed: 1)
    _ = try first.importText(Practice.small)
    return (first, try TestDevice(seed: 2))
  }

  private func name(_ device: TestDevice) throws -> EnteredValue? {
    try device.vault.identity(of: device.vault.patients(mrn: "A1")[0])?.fields["name"]
  }

  @Test func `no byte can be changed and no end cut off unseen`() throws {
    var (first, second) = try pair()
    let code = TransferSecret.code(Vault.transferCode(using: &first.generator))
    let file = try written(&first, code)
    for index in file.indices {
      var changed = file
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(throws: SiteReplicaError.self, "byte \(index)") { try read(changed, &second, code) }
    }
    for count in stride(from: 0, to: file.count, by: 5) {
      #expect(throws: SiteReplicaError.self, "\(count) bytes") {
        try read(file.prefix(count), &second, code)
      }
    }
    #expect(try second.vault.identities().isEmpty)
  }

  @Test func `nothing identifying can be read in the file, not even how long names are`() throws {
    var (first, _) = try pair()
    let code = TransferSecret.code(Vault.transferCode(using: &first.generator))
    let file = try written(&first, code)
    for word in ["A1", "A2", "Li Ming", "Wang", "Fang", "1960", "2024-01-10", "birth_date", "mrn"] {
      #expect(file.range(of: Data(word.utf8)) == nil, "\(word) is readable")
    }
    let patient = try first.vault.patients(mrn: "A1")[0]
    #expect(file.range(of: Data(patient.description.utf8)) == nil)
    #expect(file.range(of: Data(patient.bytes)) == nil)
  }

  @Test func `a passphrase opens the file, another one does not`() throws {
    var (first, second) = try pair()
    let file = try written(&first, .passphrase(Data("correct horse battery".utf8)))
    #expect(throws: SiteReplicaError.vault(.unreadableTransfer)) {
      try read(file, &second, .passphrase(Data("another one".utf8)))
    }
    let result = try read(file, &second, .passphrase(Data("correct horse battery".utf8)))
    #expect(result.added == 2)
  }

  @Test func `the same file twice changes nothing the second time`() throws {
    var (first, second) = try pair()
    let code = TransferSecret.code(Vault.transferCode(using: &first.generator))
    let file = try written(&first, code)
    try read(file, &second, code)
    let before = try second.vault.identities()
    let again = try read(file, &second, code)
    #expect((again.added, again.filled, again.conflicts.count) == (0, 0, 0))
    #expect(again.registeredTwice.isEmpty)
    #expect(try second.vault.identities() == before)
  }

  @Test func `an older file shows what changed since and replaces nothing`() throws {
    var (first, second) = try pair()
    let code = TransferSecret.code(Vault.transferCode(using: &first.generator))
    let old = try written(&first, code)
    try read(old, &second, code)
    try second.set("A1", nil, "name=Li Meng")
    let result = try read(old, &second, code)
    #expect(result.conflicts.map(\.field) == ["name"])
    #expect(try name(second) == .text("Li Meng"))
  }

  @Test func `both names stay listed until a person decides for the other one`() throws {
    var (first, second) = try pair()
    try second.share(first)
    try first.set("A1", nil, "name=Li Meng")
    try second.share(first)
    let listed = try second.vault.differing()
    #expect(listed.map(\.here) == [.text("Li Ming")])
    #expect(listed.map(\.there) == [.text("Li Meng")])
    try second.set("A1", nil, "name=Li Meng")
    #expect(try second.vault.differing().isEmpty)
    #expect(try name(second) == .text("Li Meng"))
  }

  @Test func `a person can decide for the name that stands`() throws {
    var (first, second) = try pair()
    try second.share(first)
    try first.set("A1", nil, "name=Li Meng")
    try second.share(first)
    try second.set("A1", nil, "name=Li Ming")
    #expect(try second.vault.differing().isEmpty)
    #expect(try name(second) == .text("Li Ming"))
  }

  @Test func `a difference that the other device takes back is no longer listed`() throws {
    var (first, second) = try pair()
    try second.share(first)
    try first.set("A1", nil, "name=Li Meng")
    try second.share(first)
    try first.set("A1", nil, "name=Li Ming")
    try second.share(first)
    #expect(try second.vault.differing().isEmpty)
  }

  @Test func `what another device calls a patient is encrypted on this one`() throws {
    var (first, second) = try pair()
    try second.share(first)
    try first.set("A1", nil, "name=Zhang Wei")
    try second.share(first)
    #expect(try second.storedBytes().range(of: Data("Zhang Wei".utf8)) == nil)
  }

  @Test func `one person registered on both devices is named, and both stay`() throws {
    var (first, second) = try pair()
    _ = try second.importText(Practice.small)
    let result = try second.share(first)
    #expect(result.registeredTwice.count == 2)
    #expect(try second.vault.patients(mrn: "A1").count == 2)
  }
}
