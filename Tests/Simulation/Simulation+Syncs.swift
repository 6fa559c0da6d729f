// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import RegistryDatabase
import Replication
import SiteReplica
import SyncProtocol
import TestSupport

extension Simulation {
  /// Syncs; what the network or the centre does to it is no failure.
  func sync(_ device: SimulatedDevice) async throws {
    await network.setPartition(!device.isOnline)
    _ = try await syncOnce(device)
    await network.setPartition(false)
  }

  @discardableResult
  func syncOnce(
    _ device: SimulatedDevice,
    mayRebuild: Bool = false,
    saving saved: Shared<Changeset?>? = nil
  ) async throws -> SyncReport? {
    let before = try device.changes(reader).tokens
    let model = try device.modelVersion()
    let time = now + device.clockSkew
    let engine = SyncEngine(
      store: device.store,
      transport: network,
      clock: { time },
      limitBytes: settings.limitBytes
    )
    var report: SyncReport?
    do throws(SiteReplicaError) {
      report = try await engine.run(actor: actor(device), using: &generator)
    } catch {
      try requireHarmless(error, device)
      note("\(device.name) syncs in vain: \(error)")
      reach(.syncFailed)
    }
    if let changeset = saved?.value {
      acknowledge(reader.known(changeset, site: device.site), device, known: before)
    }
    if let report { try check(report, of: device, mayRebuild: mayRebuild) }
    try checkModel(report, of: device, from: model)
    let after = try device.changes(reader).tokens
    try require(after.isSuperset(of: reader.lasting(before)), device.name, "a sync lost a change")
    try checkHeads(device)
    return report
  }

  private func check(
    _ report: SyncReport,
    of device: SimulatedDevice,
    mayRebuild: Bool
  ) throws {
    note("\(device.name) syncs: \(report.pushedChangesets) up, \(report.pulledChangesets) down")
    if report.hasForked {
      note("\(device.name) takes a new id")
      reach(.forked)
      try require(settings.mayFork, device.name, "a device that was not put back took a new id")
    }
    if report.conflicts > 0 { reach(.conflict) }
    if report.requests > 2 { reach(.manyReplies) }
    try require(!report.hasRebuiltHeads || mayRebuild, device.name, "heads had to be rebuilt")
    try require(report.isDigestEqual != false, device.name, "equal vectors, other digest")
    try require(!device.isRevoked, device.name, "a revoked device could sync")
  }

  /// A device takes newer models only, and a centre offers nothing that a device must refuse.
  ///
  /// By a clock that is wrong by years, what says when it expires has expired.
  private func checkModel(
    _ report: SyncReport?,
    of device: SimulatedDevice,
    from version: UInt64
  ) throws {
    let present = try device.modelVersion()
    try require(present >= version, device.name, "an older model came back")
    if present > version { reach(.modelRefreshed) }
    if let refusal = report?.modelRefusal {
      try require(isOfTime(refusal), device.name, "a model was refused: \(refusal)")
    }
  }

  /// Whether a model was refused by the clock alone.
  func isOfTime(_ refusal: ModelRefusal) -> Bool {
    refusal == .expired || refusal == .untrusted(reason: "root_expired")
  }

  /// The network and a centre without room may fail a sync; a disagreement may not.
  private func requireHarmless(_ error: SiteReplicaError, _ device: SimulatedDevice) throws {
    guard case .remote(let failure) = error else {
      throw SimulationFailure.broken(device.name, "a sync failed: \(error)")
    }
    switch failure {
    case .transport, .refused, .busy, .notFromCenter, .malformedAnswer: return
    case .wrongEnrollmentCode, .diverged, .tooManyRequests, .versionDiffers:
      throw SimulationFailure.broken(device.name, "a sync failed: \(failure)")
    }
  }

  /// Loses power at one of the writes between two requests of a sync.
  func crashDuringSync(_ device: SimulatedDevice) async throws {
    let before = try device.changes(reader).tokens
    let last = Int.random(in: 0...3, using: &generator)
    let file = "\(device.folder)/\(SiteStore.fileName)"
    let mark = Shared(device.logMark())
    // What a request says was on the disk before: only later writes can be missing.
    await network.watch(last: last) { _ in mark.value = LogMark(of: file) }
    try await sync(device)
    await network.watch(nil)
    guard try device.crash(since: mark.value, using: &generator) else { return }
    note("\(device.name) crashes while it syncs")
    reach(.crashDuringSync)
    let after = try device.changes(reader).tokens
    try require(
      after.isSuperset(of: reader.lasting(before)),
      device.name,
      "a crash while syncing lost a change"
    )
    try checkHeads(device)
  }

  /// Another program on the device saves while the first request is under way.
  func saveDuringSync(_ device: SimulatedDevice) async throws {
    let number = draw(Self.recordNumbers)
    let fields = drawFields(device).map { Assignment(field: $0.0, text: $0.1) }
    let (store, vault, person) = (device.store, vault, actor(device))
    let seed = UInt64.random(in: .min ... .max, using: &generator)
    let saved = Shared<Changeset?>(nil)
    await network.watch { request in
      guard request == 1 else { return }
      var generator = SeededGenerator(seed: seed)
      saved.value = try? Self.save(number, fields, store, vault, person, using: &generator)
    }
    await network.setPartition(!device.isOnline)
    let report = try await syncOnce(device, saving: saved)
    await network.setPartition(false)
    await network.watch(nil)
    guard saved.value != nil else { return }
    note("\(device.name) saved meanwhile")
    reach(.savedDuringSync)
    if report?.hasForked == true { reach(.savedWhileForking) }
  }

  /// Saves a form; the change, or nil when the person was refused.
  private static func save(
    _ number: String,
    _ fields: [Assignment],
    _ store: SiteStore,
    _ vault: Vault,
    _ person: Actor,
    using generator: inout SeededGenerator
  ) throws -> Changeset? {
    let draft = try store.draft(
      mrn: number,
      assignments: fields,
      vault: vault,
      using: &generator
    )
    let dot = try store.save(draft, vault: vault, actor: person, using: &generator)
    return try store.database.read { try store.pendingChangesets(in: $0) }.first { $0.dot == dot }
  }

  /// A form is filled in, other changes arrive, and then it is saved: only when what it showed
  /// still stands.
  func saveAfterSync(_ device: SimulatedDevice) async throws {
    let number = draw(Self.recordNumbers)
    let fields = drawFields(device)
    var form: FormDraft?
    guard try isPossible({ form = try draft(device, number, fields) }), let form else { return }
    let shown = try device.rows()
    try await sync(device)
    let standing = try device.rows()
    do {
      let made = try acknowledge(device, "saves what it had drafted") { device in
        try device.store.save(form, vault: vault, actor: actor(device), using: &generator)
      }
      for write in made.flatMap(\.changeset.writes) {
        let (row, field) = (write.address.row, write.address.field)
        try require(
          shown[row]?[field] == standing[row]?[field],
          device.name,
          "a form replaced a value that it had not shown"
        )
      }
    } catch SiteReplicaError.changedMeanwhile {
      note("\(device.name) must look again")
      reach(.changedMeanwhile)
    }
  }
}
