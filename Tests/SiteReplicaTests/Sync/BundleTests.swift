// SPDX-License-Identifier: Apache-2.0

import Foundation
import RiskModel
import SyncProtocol
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct BundleTests {
  private func enrolled(
    _ center: TestCenter,
    seed: UInt64
  ) async throws -> TestDevice {
    var device = try TestDevice(seed: seed)
    try await device.enroll(at: center)
    return device
  }

  private func makeCenter() throws -> (TestCenter, ScratchFolder) {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 9)
    return (
      try TestCenter(site: "HILL", folder: scratch.path, generator: &generator), scratch
    )
  }

  @Test func `two devices settle with the centre by files alone`() async throws {
    let (center, scratch) = try makeCenter()
    var first = try await enrolled(center, seed: 1)
    var second = try await enrolled(center, seed: 2)
    _ = try first.importText(Practice.small)
    let made = try first.store.makeBundle(actor: TestDevice.actor)
    #expect(made.changesets == 2)
    try await center.read(made.bytes)
    let report = try second.read(try await center.bundle())
    #expect(report.pulledChangesets == 2)
    #expect(report.isDigestEqual == true)
    let answer = try first.read(try await center.bundle())
    #expect(answer.unsent == 0)
    #expect(try first.store.status().unsent == 0)
    #expect(try first.store.makeBundle(actor: TestDevice.actor).batches == 0)
    withExtendedLifetime(scratch) {}
  }

  @Test func `reading a bundle twice changes nothing`() async throws {
    let (center, scratch) = try makeCenter()
    var first = try await enrolled(center, seed: 1)
    var second = try await enrolled(center, seed: 2)
    _ = try first.importText(Practice.small)
    try await center.read(first.store.makeBundle(actor: TestDevice.actor).bytes)
    let bytes = try await center.bundle()
    _ = try second.read(bytes)
    let again = try second.read(bytes)
    #expect(again.pulledChangesets == 0)
    #expect(again.refused.isEmpty)
    #expect(again.isDigestEqual == true)
    withExtendedLifetime(scratch) {}
  }

  @Test func `a cut off bundle keeps what came before and says so`() async throws {
    let (center, scratch) = try makeCenter()
    var first = try await enrolled(center, seed: 1)
    var second = try await enrolled(center, seed: 2)
    _ = try first.importText(Practice.small)
    try await center.read(first.store.makeBundle(actor: TestDevice.actor).bytes)
    try first.set("A1", "baseline", "lymphocytes=1.4")
    try await center.read(first.store.makeBundle(actor: TestDevice.actor).bytes)
    let bytes = try await center.bundle()
    let part = try second.read(bytes.dropLast(1))
    #expect(part.pulledChangesets == 2)
    #expect(part.missingBatches == 1)
    let rest = try second.read(bytes)
    #expect(rest.pulledChangesets == 1)
    #expect(rest.isDigestEqual == true)
    withExtendedLifetime(scratch) {}
  }

  private func release(_ device: TestDevice, version: UInt64) throws -> ModelRelease {
    try ModelUpdateTests().release(device, version: version)
  }

  @Test func `a release in a bundle is taken into use as over a line`() async throws {
    let (center, scratch) = try makeCenter()
    var device = try await enrolled(center, seed: 1)
    try await center.release(release(device, version: 2))
    let report = try device.read(try await center.bundle())
    #expect(report.modelRefusal == nil)
    #expect(report.modelVersion == 2)
    #expect(try device.store.activeModel().isSigned)
    #expect(try device.read(try await center.bundle()).modelRefusal == nil)
    withExtendedLifetime(scratch) {}
  }

  @Test func `a release in a bundle that lay too long is not taken`() async throws {
    let (center, scratch) = try makeCenter()
    var device = try await enrolled(center, seed: 1)
    _ = try device.importText(Practice.small)
    try await center.read(device.store.makeBundle(actor: TestDevice.actor).bytes)
    try await center.release(release(device, version: 2))
    let report = try device.read(try await center.bundle(timestampLifetime: -1))
    #expect(report.modelRefusal == .expired)
    #expect(try !device.store.activeModel().isSigned)
    #expect(report.unsent == 0, "the changes beside it are acknowledged")
    withExtendedLifetime(scratch) {}
  }

  @Test func `a release with one signature in a bundle is refused`() async throws {
    let (center, scratch) = try makeCenter()
    var device = try await enrolled(center, seed: 1)
    try await center.release(release(device, version: 2), signers: 1)
    let report = try device.read(try await center.bundle())
    #expect(report.modelRefusal == .untrusted(reason: "signature_threshold"))
    withExtendedLifetime(scratch) {}
  }

  @Test func `a bundle cut off within its model keeps every change`() async throws {
    let (center, scratch) = try makeCenter()
    var first = try await enrolled(center, seed: 1)
    var second = try await enrolled(center, seed: 2)
    _ = try first.importText(Practice.small)
    try await center.read(first.store.makeBundle(actor: TestDevice.actor).bytes)
    try await center.release(release(first, version: 2))
    let report = try second.read(try await center.bundle().dropLast(1))
    #expect(report.pulledChangesets == 2)
    #expect(report.missingBatches == 0)
    #expect(report.modelRefusal == .untrusted(reason: "damaged"))
    withExtendedLifetime(scratch) {}
  }

  @Test func `a bundle that goes the other way is refused`() async throws {
    let (center, scratch) = try makeCenter()
    var device = try await enrolled(center, seed: 1)
    let bytes = try device.store.makeBundle(actor: TestDevice.actor).bytes
    #expect(throws: SiteReplicaError.bundleRefused(.forCenter)) { try device.read(bytes) }
    withExtendedLifetime(scratch) {}
  }

  @Test func `another site's bundle is refused by name`() async throws {
    let (center, scratch) = try makeCenter()
    var device = try await enrolled(center, seed: 1)
    let bytes = try await center.bundle(for: "RIVER")
    #expect(throws: SiteReplicaError.bundleRefused(.anotherSite("RIVER"))) {
      try device.read(bytes)
    }
    withExtendedLifetime(scratch) {}
  }

  @Test func `a bundle that the pinned centre did not sign is refused`() async throws {
    let (center, scratch) = try makeCenter()
    let (other, otherScratch) = try makeCenter()
    var device = try await enrolled(center, seed: 1)
    let bytes = try await other.bundle()
    #expect(throws: SiteReplicaError.bundleRefused(.signature(keyID: "center-1"))) {
      try device.read(bytes)
    }
    withExtendedLifetime((scratch, otherScratch)) {}
  }

  @Test func `before enrolment nothing is written`() throws {
    let device = try TestDevice()
    #expect(throws: SiteReplicaError.notEnrolled) {
      try device.store.makeBundle(actor: TestDevice.actor)
    }
  }
}

extension TestDevice {
  fileprivate mutating func read(_ bytes: Data) throws -> BundleReport {
    try store.readBundle(bytes, actor: Self.actor, using: &generator)
  }
}
