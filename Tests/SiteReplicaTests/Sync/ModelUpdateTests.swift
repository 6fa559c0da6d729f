// SPDX-License-Identifier: Apache-2.0

import Foundation
import RiskModel
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct ModelUpdateTests {
  func release(_ device: TestDevice, version: UInt64) throws -> ModelRelease {
    let seed = try device.store.activeModel().release
    return ModelRelease(
      modelID: seed.modelID,
      version: version,
      name: seed.name,
      status: "practice only",
      outcome: seed.outcome,
      predictors: seed.predictors,
      intercept: seed.intercept,
      coefficients: seed.coefficients,
      covariance: seed.covariance,
      cutoff: seed.cutoff,
      isExternallyValidated: false,
      statement: seed.statement,
      warnings: seed.warnings,
      card: seed.card,
      vectors: seed.vectors
    )
  }

  private func enrolled(_ scratch: ScratchFolder) async throws -> (TestDevice, TestCenter) {
    var generator = SeededGenerator(seed: 77)
    let center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    var device = try TestDevice()
    try await device.enroll(at: center)
    return (device, center)
  }

  @Test func `a signed release is taken into use`() async throws {
    let scratch = try ScratchFolder()
    var (device, center) = try await enrolled(scratch)
    try await center.release(release(device, version: 2))
    let report = try await device.sync(with: center)
    #expect(report.modelVersion == 2)
    #expect(report.modelRefusal == nil)
    #expect(try device.store.activeModel().isSigned)
  }

  @Test func `a release with one signature is refused and the old one stays`() async throws {
    let scratch = try ScratchFolder()
    var (device, center) = try await enrolled(scratch)
    try await center.release(release(device, version: 2))
    try await device.sync(with: center)
    try await center.release(release(device, version: 3), signers: 1)
    let report = try await device.sync(with: center)
    #expect(report.modelRefusal == .untrusted(reason: "signature_threshold"))
    #expect(report.modelVersion == 2)
  }

  @Test func `a release that was tampered with after signing is refused`() async throws {
    let scratch = try ScratchFolder()
    var (device, center) = try await enrolled(scratch)
    try await center.release(release(device, version: 2)) { payload in
      let text = String(decoding: payload, as: UTF8.self)
      return Data(text.replacing("practice only", with: "fully trusted").utf8)
    }
    let report = try await device.sync(with: center)
    #expect(report.modelRefusal == .untrusted(reason: "signature_threshold"))
    #expect(report.modelVersion == 1)
  }

  @Test func `an older release is refused`() async throws {
    let scratch = try ScratchFolder()
    var (device, center) = try await enrolled(scratch)
    try await center.release(release(device, version: 3))
    try await device.sync(with: center)
    try await center.release(release(device, version: 2))
    let report = try await device.sync(with: center)
    #expect(report.modelRefusal == .notNewer(held: 3, offered: 2))
    #expect(report.modelVersion == 3)
  }
}
