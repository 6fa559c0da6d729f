// SPDX-License-Identifier: Apache-2.0

import Foundation
import SiteReplica
import TestSupport

extension Simulation {
  private static let maximumDevices = 24

  func backUp(_ device: SimulatedDevice) async throws {
    let isCenter =
      settings.rollback == .center
      || (settings.rollback != .devices && Bool.random(using: &generator))
    if isCenter {
      try await network.withCenter { try $0.backUp() }
      note("the centre is backed up")
    } else {
      let isByProgram = settings.rollback == .bothByProgram || Bool.random(using: &generator)
      try device.backUp(byProgram: isByProgram, reader)
      note("\(device.name) is backed up")
    }
  }

  /// Puts a device or the centre back to an older state, or copies a device to a second machine.
  func rollBack(_ device: SimulatedDevice) async throws {
    switch settings.rollback {
    case .none: return
    case .center: try await rollBackCenter()
    case .devices: try await rollBackDevice(device, mayCopy: true)
    case .inTurns:
      try await settle()
      if Bool.random(using: &generator) {
        try await rollBackCenter()
      } else {
        try await rollBackDevice(device, mayCopy: true)
      }
      try await settle()
      await network.setFaults(percent: settings.faultPercent)
    case .bothByProgram:
      if Bool.random(using: &generator) {
        try await rollBackCenter()
      } else {
        try await rollBackDevice(device, mayCopy: false)
      }
    }
  }

  private func rollBackCenter() async throws {
    if Bool.random(using: &generator) {
      // A model that a device has and the centre is about to forget.
      try await releaseModels()
      try await sync(draw(devices))
    }
    let before = try await centerTokens()
    let drawSeed = UInt64.random(in: .min ... .max, using: &generator)
    // It takes a minute, and then the world knows the time.
    now += 60
    let time = now
    try await network.withCenter { center in
      var generator = SeededGenerator(seed: drawSeed)
      center.now = time
      _ = try center.restore(using: &generator)
    }
    note("the centre is restored")
    reach(.centerRestored)
    try require(await network.replay(), "centre", "a request from before the restore was taken")
    try await excuseMissing(before)
    if Bool.random(using: &generator) { try await releaseModels() }
  }

  private func rollBackDevice(_ device: SimulatedDevice, mayCopy: Bool) async throws {
    let isCopied = mayCopy && Int.random(in: 0..<3, using: &generator) == 0
    if isCopied, devices.count < Self.maximumDevices { return try await copy(device) }
    let choices = devices.filter { !$0.isRevoked }
    guard !choices.isEmpty else { return }
    let device = draw(choices)
    if device.backups.isEmpty || Bool.random(using: &generator) {
      // Work goes on and is sent after the backup, as on most days; then the disk breaks.
      let isByProgram = settings.rollback == .bothByProgram || Bool.random(using: &generator)
      try device.backUp(byProgram: isByProgram, reader)
      note("\(device.name) is backed up")
      try change(device)
      try await sync(device)
    }
    guard !device.isRevoked, let newest = device.backups.last else { return }
    try await restore(device, from: Bool.random(using: &generator) ? newest : draw(device.backups))
  }

  private func restore(
    _ device: SimulatedDevice,
    from backup: SimulatedDevice.Backup
  ) async throws {
    let before = try device.changes(reader).tokens
    try device.restore(backup, now: now, using: &generator)
    if !backup.isByProgram { ledger.copied(unsealed: try device.unsealed(reader)) }
    note("\(device.name) is restored\(backup.isByProgram ? " by the program" : "")")
    reach(backup.isByProgram ? .deviceRestoredByProgram : .deviceRestored)
    try require(
      backup.tokens.isSubset(of: device.changes(reader).tokens),
      device.name,
      "a restored device lacks a change of its backup"
    )
    try await excuseMissing(before)
    try checkHeads(device)
    if Bool.random(using: &generator) { try await saveDuringSync(device) }
  }

  /// A second machine with the files of a device; often both go on writing at once.
  private func copy(_ device: SimulatedDevice) async throws {
    let other = try device.clone(named: "\(device.name)c\(devices.count)")
    devices.append(other)
    ledger.copied(unsealed: try device.unsealed(reader))
    note("\(device.name) is copied to \(other.name)")
    reach(.deviceCopied)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0:
      try change(device)
      try await sync(device)
      try change(other)
      try await saveDuringSync(other)
    case 1:
      // Each seals as many changes as the other, so that only the bytes differ.
      for twin in [device, other] {
        try change(twin)
        try await sync(twin)
      }
    case 2:
      // What the backup seals under the id was never sent, and the twin is first, then goes on.
      for _ in 0..<Int.random(in: 1...3, using: &generator) { try change(device) }
      try device.backUp(byProgram: true, reader)
      try change(other)
      try await sync(other)
      guard let backup = device.backups.last, !device.isRevoked else { return }
      try await restore(device, from: backup)
      try change(device)
      try await sync(device)
      try change(other)
      try await sync(other)
    default: return
    }
  }

  /// Excuses the changes of an older state that are nowhere any more.
  private func excuseMissing(_ before: Set<Int>) async throws {
    var present = try await centerTokens()
    for device in devices { present.formUnion(try device.changes(reader).tokens) }
    ledger.excuse(before.subtracting(present))
  }
}
