// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import RiskModel
import SyncProtocol
import Testing

@Suite struct ReleaseTests {
  private func sign(
    _ candidate: ModelCandidate,
    _ centre: TestCenter,
    key: Int,
    reason: String? = nil
  ) throws -> Int {
    try centre.center.sign(
      candidate.id,
      key: centre.modelKeys[key],
      overrideReason: reason,
      now: TestCenter.now
    ).signatures
  }

  private func release(_ candidate: ModelCandidate, _ centre: TestCenter) throws {
    _ = try centre.center.release(
      candidate.id,
      timestampKey: centre.timestampKey,
      now: TestCenter.now
    )
  }

  @Test func `two keys release a model that sites accept`() throws {
    let centre = try TestCenter()
    let candidate = try centre.candidate()
    _ = try sign(candidate, centre, key: 0)
    _ = try sign(candidate, centre, key: 2)
    try release(candidate, centre)
    let bundle = try centre.center.modelBundle()
    var site = ModelChannelState(trusting: try TrustedRoot(bundle.roots[0]))
    let update = ModelChannelUpdate(timestamp: bundle.timestamp, model: bundle.model)
    try site.accept(update, now: TestCenter.now)
    #expect(site.models[candidate.modelID]?.version == 1)
  }

  @Test func `one signature is too few`() throws {
    let centre = try TestCenter()
    let candidate = try centre.candidate()
    _ = try sign(candidate, centre, key: 0)
    #expect(throws: CenterError.tooFewSignatures(have: 1, need: 2)) {
      try release(candidate, centre)
    }
  }

  @Test func `a key signs once`() throws {
    let centre = try TestCenter()
    let candidate = try centre.candidate()
    _ = try sign(candidate, centre, key: 0)
    #expect(throws: CenterError.signedAlready) { try sign(candidate, centre, key: 0) }
  }

  @Test func `a key that is no model key signs nothing`() throws {
    let centre = try TestCenter()
    let candidate = try centre.candidate()
    #expect(throws: CenterError.notAModelKey) {
      try centre.center.sign(
        candidate.id,
        key: centre.timestampKey,
        overrideReason: nil,
        now: TestCenter.now
      )
    }
  }

  @Test func `a version that does not rise is not released`() throws {
    let centre = try TestCenter()
    for _ in 0..<1 {
      let first = try centre.candidate(version: 2)
      _ = try sign(first, centre, key: 0)
      _ = try sign(first, centre, key: 1)
      try release(first, centre)
    }
    let second = try centre.candidate(version: 1)
    _ = try sign(second, centre, key: 0)
    _ = try sign(second, centre, key: 1)
    #expect(throws: CenterError.versionNotRising(candidate: 1, released: 2)) {
      try release(second, centre)
    }
  }

  @Test func `a refit without the gate is signed with a reason of both signers only`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push([device.seal()], by: device)
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    let candidate = try centre.candidate(version: 2, cut: cut.id)
    #expect(throws: CenterError.ungated(candidate.id)) { try sign(candidate, centre, key: 0) }
    #expect(try sign(candidate, centre, key: 0, reason: "practice only") == 1)
    #expect(throws: CenterError.ungated(candidate.id)) { try sign(candidate, centre, key: 1) }
    #expect(try sign(candidate, centre, key: 1, reason: "practice only") == 2)
    try release(candidate, centre)
    let released = try ModelRelease.decode(try centre.center.releasedModel())
    #expect(released.status.contains("practice only"))
    #expect(released.card.limitations.first?.contains("practice only") == true)
  }

  @Test func `a timestamp is renewed in the second half of its life`() throws {
    let centre = try TestCenter()
    let candidate = try centre.candidate()
    _ = try sign(candidate, centre, key: 0)
    _ = try sign(candidate, centre, key: 1)
    try release(candidate, centre)
    let half = Center.timestampLifetimeDays * 86_400 / 2
    let renew = { (now: Int) in
      try centre.center.renewTimestamp(by: centre.timestampKey, now: now)
    }
    #expect(try !renew(TestCenter.now + half))
    #expect(try renew(TestCenter.now + half + 1))
    #expect(try !renew(TestCenter.now + half + 2))
  }
}
