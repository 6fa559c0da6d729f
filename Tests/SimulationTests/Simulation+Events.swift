// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import Registry
import Replication
import SyncProtocol

@testable import SiteReplica

extension Simulation {
  private static let fields = ["lymphocytes", "monocytes", "neutrophils"]
  private static let maximumDevices = 24

  /// Saves one form with some fields of one patient.
  func save(_ device: SimulatedDevice) throws {
    let token = ledger.draw()
    let patient = patients[Int.random(in: 0..<patients.count, using: &generator)]
    let count = Int.random(in: 1...Self.fields.count, using: &generator)
    let fields = Self.fields.shuffled(using: &generator).prefix(count)
    let known = Ledger.tokens(try device.changesets())
    let values = fields.map { ($0, Ledger.value(token)) }
    _ = try device.save(
      patient,
      Dictionary(uniqueKeysWithValues: values),
      vault: vault,
      now: now,
      using: &generator
    )
    let row = RowAddress(patient: patient, event: "baseline", reader: "")
    ledger.acknowledge(
      token,
      Ledger.Save(
        site: device.site,
        addresses: fields.map { Address(row: row, field: $0) },
        known: known
      )
    )
    note("\(device.name) saves \(token)")
    let present = Ledger.tokens(try device.changesets())
    try require(present.contains(token), device.name, "change \(token) is not there once saved")
  }

  /// Saves while the disk is nearly full: wholly or not at all.
  func saveOnFullDisk(_ device: SimulatedDevice) throws {
    let before = Ledger.tokens(try device.changesets())
    let token = ledger.nextToken
    try device.setFreePages(Int.random(in: 0...2, using: &generator))
    do {
      try save(device)
    } catch is SiteReplicaError {
      let present = Ledger.tokens(try device.changesets())
      try require(present == before, device.name, "a save that failed left something")
      note("\(device.name) has no room for \(token)")
      reach(.diskFull)
    }
    try crash(device)
  }

  /// Syncs; what the network or the centre does to it is no failure.
  func sync(_ device: SimulatedDevice) async throws {
    await network.setPartition(!device.isOnline)
    _ = try await syncOnce(device)
    await network.setPartition(false)
  }

  @discardableResult
  func syncOnce(_ device: SimulatedDevice) async throws -> SyncReport? {
    let before = Ledger.tokens(try device.changesets())
    let time = now + device.clockSkew
    let engine = SyncEngine(store: device.store, transport: network, clock: { time })
    var report: SyncReport?
    do throws(SiteReplicaError) {
      report = try await engine.run(
        actor: Actor(who: device.name, now: time),
        using: &generator
      )
    } catch {
      try requireHarmless(error, device)
      note("\(device.name) syncs in vain: \(error)")
      reach(.syncFailed)
    }
    if let report {
      note("\(device.name) syncs: \(report.pushedChangesets) up, \(report.pulledChangesets) down")
      if report.hasForked {
        note("\(device.name) takes a new id")
        reach(.forked)
      }
      if report.conflicts > 0 { reach(.conflict) }
      try require(!report.hasRebuiltHeads, device.name, "heads had to be rebuilt")
      try require(report.isDigestEqual != false, device.name, "equal vectors, other digest")
    }
    let after = Ledger.tokens(try device.changesets())
    try require(after.isSuperset(of: before), device.name, "a sync lost a change")
    try checkHeads(device)
    return report
  }

  /// The network and a centre without room may fail a sync; a disagreement may not.
  private func requireHarmless(_ error: SiteReplicaError, _ device: SimulatedDevice) throws {
    guard case .remote(let failure) = error else {
      throw SimulationFailure.broken(device.name, "a sync failed: \(error)")
    }
    switch failure {
    case .transport, .refused, .notFromCenter, .malformedAnswer: return
    case .wrongEnrollmentCode, .diverged, .tooManyRequests:
      throw SimulationFailure.broken(device.name, "a sync failed: \(failure)")
    }
  }

  /// Loses power between two commits: all that was acknowledged is there afterwards.
  func crash(_ device: SimulatedDevice) throws {
    let before = Ledger.tokens(try device.changesets())
    let torn = (0..<Int.random(in: 0...3000, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    try device.crash(tornBytes: torn)
    note("\(device.name) crashes")
    reach(.crash)
    let after = Ledger.tokens(try device.changesets())
    try require(after == before, device.name, "a crash lost or made a change")
    try checkHeads(device)
  }

  /// Loses power while a request is under way.
  func crashDuringSync(_ device: SimulatedDevice) async throws {
    let before = Ledger.tokens(try device.changesets())
    let moment = Int.random(in: 1...2, using: &generator)
    let source = device.folder
    let target = device.nextFolder()
    await network.watch { request in
      if request == moment { try? ScratchFolder.copy(source, to: target) }
    }
    try await sync(device)
    await network.watch(nil)
    guard FileManager.default.fileExists(atPath: target) else { return }
    try device.open(target)
    note("\(device.name) crashes while it syncs")
    reach(.crashDuringSync)
    let after = Ledger.tokens(try device.changesets())
    try require(after.isSuperset(of: before), device.name, "a crash while syncing lost a change")
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

  func backUp(_ device: SimulatedDevice) async throws {
    let isCenter =
      settings.rollback == .center
      || (settings.rollback == .inTurns && Bool.random(using: &generator))
    if isCenter {
      try await network.withCenter { try $0.backUp() }
      note("the centre is backed up")
    } else {
      try device.backUp()
      note("\(device.name) is backed up")
    }
  }

  /// Puts a device or the centre back to an older state, or copies a device to a second machine.
  func rollBack(_ device: SimulatedDevice) async throws {
    switch settings.rollback {
    case .none: return
    case .center: try await rollBackCenter()
    case .devices: try await rollBackDevice(device)
    case .inTurns:
      try await settle()
      if Bool.random(using: &generator) {
        try await rollBackCenter()
      } else {
        try await rollBackDevice(device)
      }
      try await settle()
      await network.setFaults(percent: settings.faultPercent)
    }
  }

  private func rollBackCenter() async throws {
    let before = try await centerTokens()
    let drawSeed = UInt64.random(in: .min ... .max, using: &generator)
    try await network.withCenter { center in
      var generator = SeededGenerator(seed: drawSeed)
      _ = try center.restore(using: &generator)
    }
    note("the centre is restored")
    reach(.centerRestored)
    try await loseMissing(before)
  }

  private func rollBackDevice(_ device: SimulatedDevice) async throws {
    let isCopied = Int.random(in: 0..<3, using: &generator) == 0
    if isCopied, devices.count < Self.maximumDevices {
      let other = try device.clone(named: "\(device.name)c\(devices.count)")
      devices.append(other)
      note("\(device.name) is copied to \(other.name)")
      reach(.deviceCopied)
      return
    }
    guard let backup = device.backups.randomElement(using: &generator) else { return }
    let before = Ledger.tokens(try device.changesets())
    try device.restore(backup)
    note("\(device.name) is restored")
    reach(.deviceRestored)
    try await loseMissing(before)
  }

  /// Excuses the changes of an older state that are nowhere any more.
  private func loseMissing(_ before: Set<Int>) async throws {
    var present = try await centerTokens()
    for device in devices { present.formUnion(Ledger.tokens(try device.changesets())) }
    ledger.lose(before.subtracting(present))
  }
}
