// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct WitnessTests {
  private let scratch: ScratchFolder
  private let center: TestCenter

  init() throws {
    scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 79)
    center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
  }

  private func device() async throws -> TestDevice {
    var device = try TestDevice(seed: 3)
    try await device.enroll(at: center)
    return device
  }

  @Test func `a log that grows is kept step by step`() async throws {
    var device = try await device()
    await center.setAudit(["a", "b", "c"])
    #expect(try await device.sync(with: center).centerAudit == .continued(size: 3))
    #expect(try await device.sync(with: center).centerAudit == .unchanged)
    await center.setAudit(["a", "b", "c", "d", "e"])
    #expect(try await device.sync(with: center).centerAudit == .continued(size: 5))
    #expect(try device.store.witnessedCheckpoints().map(\.isContinuation) == [true, true])
    #expect(try device.store.isCenterAuditContinued())
  }

  @Test func `a log whose past changed is named and kept as evidence`() async throws {
    var device = try await device()
    await center.setAudit(["a", "b", "c"])
    try await device.sync(with: center)
    await center.setAudit(["a", "B", "c", "d"])
    for _ in 0..<2 {
      let report = try await device.sync(with: center)
      #expect(report.centerAudit == .refused(.forked(at: 3)))
    }
    #expect(try device.store.witnessedCheckpoints().map(\.isContinuation) == [true, false])
    #expect(try !device.store.isCenterAuditContinued())
    let check = try #require(
      try device.store.diagnose(now: TestDevice.actor.now).first { $0.name == "centre's audit log" }
    )
    #expect(!check.isGood)
  }

  @Test func `a log that lost entries is named`() async throws {
    var device = try await device()
    await center.setAudit(["a", "b", "c"])
    try await device.sync(with: center)
    await center.setAudit(["a", "b"])
    let report = try await device.sync(with: center)
    #expect(report.centerAudit == .refused(.shortened(from: 3, to: 2)))
  }

  @Test func `data goes on flowing beside a log that was changed`() async throws {
    var device = try await device()
    _ = try device.importText(Practice.small)
    await center.setAudit(["a", "b", "c"])
    try await device.sync(with: center)
    try device.set("A2", "baseline", "platelets=210")
    await center.setAudit(["x"])
    let report = try await device.sync(with: center)
    #expect((report.pushedChangesets, report.isDigestEqual) == (1, true))
  }
}
