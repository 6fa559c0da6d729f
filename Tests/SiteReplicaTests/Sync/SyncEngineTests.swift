// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import RiskModel
import SyncProtocol
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct SyncEngineTests {
  private func center(_ scratch: ScratchFolder) throws -> TestCenter {
    var generator = SeededGenerator(seed: 77)
    return try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
  }

  /// Two enrolled devices that share their vault.
  private func pair(_ center: TestCenter) async throws -> (TestDevice, TestDevice) {
    var first = try TestDevice(seed: 1)
    var second = try TestDevice(seed: 2)
    try await first.enroll(at: center)
    try await second.enroll(at: center)
    _ = try first.importText(Practice.small)
    let code = Vault.transferCode(using: &first.generator)
    let file = try first.store.writeTransfer(
      vault: first.vault,
      secret: .code(code),
      actor: TestDevice.actor,
      using: &first.generator
    )
    _ = try second.store.readTransfer(
      file.file,
      vault: second.vault,
      secret: .code(code),
      actor: TestDevice.actor,
      using: &second.generator
    )
    try await first.sync(with: center)
    try await second.sync(with: center)
    return (first, second)
  }

  @Test func `two devices converge through the centre`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, second) = try await pair(center)
    try second.set("A2", "baseline", "platelets=210")
    let pushed = try await second.sync(with: center)
    #expect((pushed.pushedChangesets, pushed.isDigestEqual) == (1, true))
    let pulled = try await first.sync(with: center)
    #expect((pulled.pulledChangesets, pulled.isDigestEqual) == (1, true))
    #expect(try first.value("A2", "baseline", "platelets") == "210")
    #expect(try second.value("A1", "baseline", "neutrophils") == "5.2")
  }

  @Test func `nothing identifying reaches the centre`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    _ = try await pair(center)
    let received = await center.received
    for word in ["A1", "Li Ming", "1960-05-06", "2024-01-10", "nurse"] {
      #expect(received.range(of: Data(word.utf8)) == nil, "\(word) was sent")
    }
  }

  @Test func `a sync with nothing to do is one request`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, _) = try await pair(center)
    let report = try await first.sync(with: center)
    #expect(report.requests == 1)
    #expect(report.isDigestEqual == true)
  }

  @Test func `concurrent values are a conflict with both origins, and a resolution settles it`()
    async throws
  {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, second) = try await pair(center)
    try first.set("A1", "baseline", "lymphocytes=1.61")
    try second.set("A1", "baseline", "lymphocytes=1.66")
    for _ in 0..<2 {
      try await first.sync(with: center)
      try await second.sync(with: center)
    }
    let conflict = try #require(try first.store.conflicts(vault: first.vault).first)
    #expect(Set(conflict.sides.map(\.text)) == ["1.61", "1.66"])
    #expect(conflict.sides.filter(\.isOwn).map(\.origin) == ["nurse"])
    #expect(conflict.sides.filter { !$0.isOwn }.map(\.origin) == ["device 2"])
    #expect(throws: SiteReplicaError.inConflict(field: "lymphocytes", event: "baseline")) {
      try first.set("A1", "baseline", "lymphocytes=1.7")
    }
    try first.set("A1", "baseline", "lymphocytes=1.66", resolves: true)
    try await first.sync(with: center)
    let report = try await second.sync(with: center)
    #expect((report.conflicts, report.isDigestEqual) == (0, true))
    #expect(try second.value("A1", "baseline", "lymphocytes") == "1.66")
  }

  @Test func `an import never overwrites a conflict, not even an updating one`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, second) = try await pair(center)
    try first.set("A1", "baseline", "lymphocytes=1.61")
    try second.set("A1", "baseline", "lymphocytes=1.66")
    for _ in 0..<2 {
      try await first.sync(with: center)
      try await second.sync(with: center)
    }
    let report = try first.importText(Practice.small, ImportOptions(updates: true))
    #expect(report.isFileRefused)
    #expect(report.problems.map(\.code) == ["differs"])
  }

  @Test func `an answer that is lost loses nothing and sends nothing twice`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, _) = try await pair(center)
    try first.set("A1", "baseline", "platelets=180")
    await center.fail(with: .interruptedAfterWork)
    await #expect(throws: SiteReplicaError.remote(.transport(.interrupted))) {
      try await first.sync(with: center)
    }
    #expect(try first.store.status().unsent == 1)
    let report = try await first.sync(with: center)
    #expect(report.isDigestEqual == true)
    #expect(try first.store.status().unsent == 0)
    #expect(try await center.vector().entries.values.reduce(0, +) == 3)
  }

  @Test func `a centre that cannot be reached keeps everything unsent`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var device = try TestDevice()
    try await device.enroll(at: center)
    _ = try device.importText(Practice.small)
    await center.fail(with: .unreachable)
    await #expect(throws: SiteReplicaError.self) { try await device.sync(with: center) }
    #expect(try device.store.status().unsent == 2)
  }

  @Test func `a wrong clock is corrected from the signed answer`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, _) = try await pair(center)
    await center.fail(with: .clockWindow)
    let report = try await first.sync(with: center)
    #expect(report.requests == 2)
    #expect(report.isDigestEqual == true)
  }

  @Test func `an answer without the centre's signature is not believed`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, _) = try await pair(center)
    await center.fail(with: .unsigned(status: 200))
    await #expect(
      throws: SiteReplicaError.remote(
        .notFromCenter(status: 200, reason: "missing_or_repeated_signature-input")
      )
    ) { try await first.sync(with: center) }
  }

  @Test func `a refusal is told with its code`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    var (first, _) = try await pair(center)
    await center.fail(with: .refused(status: 403, code: "key_revoked"))
    await #expect(
      throws: SiteReplicaError.remote(
        .refused(status: 403, code: "key_revoked", message: "The test said so.")
      )
    ) { try await first.sync(with: center) }
  }

  @Test func `a wrong code enrols nothing`() async throws {
    let scratch = try ScratchFolder()
    let center = try center(scratch)
    let device = try TestDevice()
    var generator = SeededGenerator(seed: 5)
    let wrong = EnrollmentCode.random(using: &generator)
    await #expect(throws: SiteReplicaError.self) {
      try await device.store.enroll(
        server: "https://center.example",
        authorityCertificate: nil,
        code: wrong,
        transport: center,
        actor: TestDevice.actor
      )
    }
    #expect(throws: SiteReplicaError.notEnrolled) { try device.store.enrollment() }
  }
}
