// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import Registry
import Replication
import SiteReplica
import SyncProtocol
import TestSupport

extension Simulation {
  /// Saves while the disk is nearly full: wholly or not at all.
  func saveOnFullDisk(_ device: SimulatedDevice) throws {
    let before = try device.changes(reader).tokens
    try device.setFreePages(Int.random(in: 0...2, using: &generator))
    do {
      try change(device)
    } catch is SiteReplicaError {
      let present = try device.changes(reader).tokens
      try require(present == before, device.name, "a save that failed left something")
      note("\(device.name) has no room")
      reach(.diskFull)
    }
    try crash(device)
  }

  /// Loses power between two commits: all that was acknowledged is there afterwards.
  func crash(_ device: SimulatedDevice) throws {
    let before = try device.changes(reader).tokens
    let torn = (0..<Int.random(in: 0...3000, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    try device.crash(tornBytes: torn)
    note("\(device.name) crashes")
    reach(.crash)
    let after = try device.changes(reader).tokens
    try require(after == before, device.name, "a crash lost or made a change")
    try checkHeads(device)
  }

  /// Loses power at one of the writes of a save that nobody was told of: it is there or it is not.
  func crashDuringSave(_ device: SimulatedDevice) throws {
    let before = try device.changes(reader).tokens
    let start = device.logMark()
    guard try isPossible({ try edit(device) }) else { return }
    let made = try device.changes(reader).filter { !before.contains($0.token) }
    let hasCrashed = try device.crash(since: start, using: &generator)
    let after = try device.changes(reader).tokens
    let stands = made.filter { after.contains($0.token) }
    for change in stands { acknowledge(change, device, known: before) }
    note("\(device.name) crashes while it saves \(made.map(\.token)): \(stands.count) there")
    if hasCrashed { reach(.crashDuringSave) }
    try require(
      after == before.union(stands.tokens),
      device.name,
      "a crash while saving lost or made a change"
    )
    try checkHeads(device)
  }

  /// The centre crashes, or one of its next transactions fails.
  func failCenter() async throws {
    let choice = Int.random(in: 0..<3, using: &generator)
    let writes = Int.random(in: 0...2, using: &generator)
    try await network.withCenter { center in
      switch choice {
      case 0: try center.crash()
      case 1: center.store.fail(.beforeCommit, after: writes)
      default: center.store.fail(.afterCommit, after: writes)
      }
    }
    note("the centre \(choice == 0 ? "crashes" : "will fail a transaction")")
    reach(.centerFailed)
  }

  /// A device's clock, or the centre's, goes wrong by seconds or by years.
  func stepClock(_ device: SimulatedDevice) async throws {
    let span = draw([5000, 5000, 10 * 365 * 86_400])
    let skew = Int.random(in: -span...span, using: &generator)
    reach(.clockStepped)
    if Int.random(in: 0..<4, using: &generator) == 0 {
      await network.withCenter { $0.clockSkew = skew }
      note("the centre's clock is wrong by \(skew) s")
    } else {
      device.clockSkew = skew
      note("\(device.name)'s clock is wrong by \(skew) s")
    }
  }

  /// A newer program or model, a fault of the program, or the end of a device's rights.
  func breakSomething(_ device: SimulatedDevice) async throws {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      try device.upgrade(to: studies.later)
      note("\(device.name) gets a newer program")
      reach(.upgraded)
    case 1: try await loseHeads(device)
    case 2: try await releaseModels()
    default: try await revoke(device)
    }
  }

  /// Newer models are released, one after the other, and signed as ever.
  func releaseModels() async throws {
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      released += 1
      let version = released
      try await network.withCenter { center in
        center.store.fail(.none, after: 0)
        try center.release(version)
      }
      note("the centre releases model \(version)")
    }
    reach(.modelReleased)
  }

  /// A request that was late arrives; nothing from before a restore of the centre is taken.
  func deliverDelayed() async throws {
    let isRight = await network.deliverDelayed()
    try require(isRight, "centre", "a late request from before the restore was taken")
  }

  /// Heads that differ from the log are found at the next equal vectors, and are made anew.
  private func loseHeads(_ device: SimulatedDevice) async throws {
    guard !device.isRevoked else { return }
    await network.setFaults(percent: 0)
    await network.withCenter { center in
      center.store.fail(.none, after: 0)
    }
    defer { note("\(device.name) lost its heads") }
    for _ in 0..<2 { try await syncOnce(device) }
    guard try await isLevel(device), try !device.rows().isEmpty else { return }
    try device.loseHeads()
    let report = try await syncOnce(device, mayRebuild: true)
    await network.setFaults(percent: settings.faultPercent)
    try require(
      report?.hasRebuiltHeads == true && report?.isDigestEqual == true,
      device.name,
      "lost heads were not found"
    )
    reach(.headsMadeAnew)
  }

  private func isLevel(_ device: SimulatedDevice) async throws -> Bool {
    let site = device.site
    let center = try await network.withCenter { center in
      try center.store.read { try $0.vector(site: site) }
    }
    return try device.state() == (center, false)
  }

  /// The centre no longer takes anything of a device, as after a theft.
  private func revoke(_ device: SimulatedDevice) async throws {
    guard settings.revokes, !devices.contains(where: \.isRevoked) else { return }
    let (site, time) = (device.site, now)
    let keyID = try device.store.enrollment().keyID
    try await network.withCenter { center in
      center.store.fail(.none, after: 0)
      try center.center.revokeDevice(keyID, of: site, now: time)
    }
    let there = try await centerChanges(site).tokens
    for other in devices where try other.store.enrollment().keyID == keyID {
      other.isRevoked = true
      ledger.excuse(try other.changes(reader).tokens.subtracting(there))
      note("\(other.name) is revoked")
    }
    reach(.revoked)
  }
}
