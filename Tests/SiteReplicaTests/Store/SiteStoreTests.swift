// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct SiteStoreTests {
  @Test func `a store is not made twice`() throws {
    let device = try TestDevice()
    var generator = SeededGenerator(seed: 9)
    #expect(throws: SiteReplicaError.storeAlreadyThere(folder: device.store.folder)) {
      try SiteStore.create(
        folder: device.store.folder,
        site: "HILL",
        study: Study.embedded(),
        secret: .keyFile(TestDevice.keyFile),
        actor: TestDevice.actor,
        using: &generator
      )
    }
  }

  @Test(arguments: ["", "with space", "ünter", String(repeating: "x", count: 33)])
  func `a site code of another form is refused`(code: String) throws {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 9)
    #expect(throws: SiteReplicaError.malformedSiteCode) {
      try SiteStore.create(
        folder: scratch.path + "/store",
        site: code,
        study: Study.embedded(),
        secret: .keyFile(TestDevice.keyFile),
        actor: TestDevice.actor,
        using: &generator
      )
    }
  }

  @Test func `a folder without a store is named`() throws {
    let scratch = try ScratchFolder()
    #expect(throws: SiteReplicaError.noStore(folder: scratch.path)) {
      try SiteStore.open(folder: scratch.path, study: Study.embedded())
    }
  }

  @Test func `a sound store passes every check`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let checks = try device.store.diagnose(now: 1_790_000_000)
    #expect(checks.filter { !$0.isGood } == [])
    #expect(try device.store.status().unsent == 2)
  }

  @Test func `a device key that others may read is refused`() throws {
    let device = try TestDevice()
    let path = device.store.folder + "/" + DeviceKey.fileName
    #expect(throws: Never.self) { try DeviceKey.read(folder: device.store.folder) }
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    #expect(throws: SiteReplicaError.self) { try DeviceKey.read(folder: device.store.folder) }
  }
}
