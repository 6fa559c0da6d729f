// SPDX-License-Identifier: Apache-2.0

import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import SiteReplica

/// A centre that asks a device to wait.
@Suite struct PauseTests {
  /// Remembers the waits instead of waiting.
  private final class Waits: Sendable {
    let all = Mutex<[Int]>([])
    let isCancelled: Bool

    init(isCancelled: Bool = false) { self.isCancelled = isCancelled }

    var pause: SyncPause {
      SyncPause { seconds in
        self.all.withLock { $0.append(seconds) }
        return !self.isCancelled
      }
    }
  }

  private func centerAndDevice(_ scratch: ScratchFolder) async throws -> (TestCenter, TestDevice) {
    var generator = SeededGenerator(seed: 77)
    let center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    var device = try TestDevice(seed: 1)
    try await device.enroll(at: center)
    return (center, device)
  }

  @Test func `a sync waits as long as it is asked to, and goes on`() async throws {
    let scratch = try ScratchFolder()
    var (center, device) = try await centerAndDevice(scratch)
    _ = try device.importText(Practice.small)
    for seconds in [7, 3] { await center.fail(with: .busy(seconds: seconds)) }
    let waits = Waits()
    let report = try await device.sync(with: center, pause: waits.pause)
    #expect(report.isDigestEqual == true)
    #expect(waits.all.withLock { $0 } == [7, 3])
  }

  @Test(arguments: [SyncPause.maximumSeconds + 1, 3_600, 100_000])
  func `a wait that is too long is for the person to decide`(seconds: Int) async throws {
    let scratch = try ScratchFolder()
    var (center, device) = try await centerAndDevice(scratch)
    await center.fail(with: .busy(seconds: seconds))
    let waits = Waits()
    await #expect(
      throws: SiteReplicaError.remote(.busy(retryAfterSeconds: min(seconds, 3_600)))
    ) { try await device.sync(with: center, pause: waits.pause) }
    #expect(waits.all.withLock { $0 } == [])
  }

  @Test func `a centre that never has time is left alone in the end`() async throws {
    let scratch = try ScratchFolder()
    var (center, device) = try await centerAndDevice(scratch)
    for _ in 0...SyncPause.maximumCount { await center.fail(with: .busy(seconds: 1)) }
    let waits = Waits()
    await #expect(throws: SiteReplicaError.remote(.busy(retryAfterSeconds: 1))) {
      try await device.sync(with: center, pause: waits.pause)
    }
    #expect(waits.all.withLock { $0.count } == SyncPause.maximumCount)
  }

  @Test func `a wait that is cancelled ends the sync`() async throws {
    let scratch = try ScratchFolder()
    var (center, device) = try await centerAndDevice(scratch)
    await center.fail(with: .busy(seconds: 1))
    await #expect(throws: SiteReplicaError.remote(.transport(.interrupted))) {
      try await device.sync(with: center, pause: Waits(isCancelled: true).pause)
    }
  }

  @Test func `who does not wait is told when to come back`() async throws {
    let scratch = try ScratchFolder()
    var (center, device) = try await centerAndDevice(scratch)
    await center.fail(with: .busy(seconds: 9))
    await #expect(throws: SiteReplicaError.remote(.busy(retryAfterSeconds: 9))) {
      try await device.sync(with: center)
    }
  }

  @Test func `a request to wait that the centre did not sign is not believed`() async throws {
    let scratch = try ScratchFolder()
    var (center, device) = try await centerAndDevice(scratch)
    await center.fail(with: .unsigned(status: 429))
    let waits = Waits()
    await #expect(
      throws: SiteReplicaError.remote(
        .notFromCenter(status: 429, reason: "missing_or_repeated_signature-input")
      )
    ) { try await device.sync(with: center, pause: waits.pause) }
    #expect(waits.all.withLock { $0 } == [])
  }
}
