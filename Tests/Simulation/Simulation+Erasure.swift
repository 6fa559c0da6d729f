// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import Registry
import RegistryDatabase
import Replication
import SiteReplica
import TestSupport

extension Simulation {
  /// Erases a patient by law at one device, often while others go on writing to the same patient.
  func erase(_ device: SimulatedDevice) async throws {
    let number = draw(Self.recordNumbers)
    let others = devices.filter { $0.site == device.site && $0.name != device.name }
    if let other = others.randomElement(using: &generator) {
      try write(number, at: other)
      reach(.erasedBesideEdits)
    }
    if Bool.random(using: &generator) { try write(number, at: device) }
    let own = try vaultCopy(device)
    let before = try device.changes(reader).tokens
    let reason = draw(SiteStore.erasureReasons)
    var erased: [PatientID] = []
    guard
      try isPossible({
        erased = try device.store.erase(
          mrn: number,
          reason: reason,
          vault: own,
          actor: actor(device)
        ).registrations
      })
    else { return }
    ledger.erase(erased)
    reader.erased.formUnion(erased)
    for change in try device.changes(reader)
    where !before.contains(change.token) && !change.changeset.erasures.isEmpty {
      ledger.acknowledge(mark: change.token, site: device.site)
      if device.isRevoked { ledger.excuse([change.token]) }
    }
    note("\(device.name) erases \(number): \(erased.count) registrations")
    reach(.erased)
    try checkErased(device, erased)
    try checkHeads(device)
    if let other = others.randomElement(using: &generator), Bool.random(using: &generator) {
      try write(number, at: other)
      try await sync(other)
    }
  }

  /// A vault of the device's own: the others' lose the identity when the mark comes to them.
  private func vaultCopy(_ device: SimulatedDevice) throws -> Vault {
    let copy = "\(scratch.path)/vault-\(device.name)-\(trace.count)"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for end in ["", "-wal"] {
      let source = "\(scratch.path)/shared-vault.sqlite\(end)"
      guard FileManager.default.fileExists(atPath: source) else { continue }
      try FileManager.default.copyItem(atPath: source, toPath: "\(copy)/vault.sqlite\(end)")
    }
    return try Vault.open(
      path: "\(copy)/vault.sqlite",
      secret: .keyFile(Self.keyFile),
      roles: studies.current.profile.roles
    )
  }

  private func write(_ number: String, at device: SimulatedDevice) throws {
    let fields = drawFields(device)
    try acknowledge(device, "writes to \(number)") { device in
      let draft = try draft(device, number, fields)
      try device.store.save(draft, vault: vault, actor: actor(device), using: &generator)
    }
  }

  /// Nothing of erased patients is on a device but marks and ids.
  private func checkErased(_ device: SimulatedDevice, _ patients: [PatientID]) throws {
    let gone = Set(patients)
    for change in try device.changes(reader) {
      try require(
        change.changeset.removing(gone).removed.isEmpty,
        device.name,
        "a change of an erased patient is in the log or pending"
      )
    }
    for row in try device.rows().keys {
      try require(!gone.contains(row.patient), device.name, "an erased patient has heads")
    }
    for entry in try device.store.auditEntries()
    where entry.action != AuditAction.erasure.rawValue {
      guard let patient = entry.patient, gone.contains(patient) else { continue }
      try require(entry.details.isEmpty, device.name, "the audit trail has an erased value")
    }
    try require(
      try device.store.firstAuditBreak() == nil,
      device.name,
      "an erasure broke the audit trail"
    )
  }

  /// At rest, nobody has anything of the patients whose mark is at the centre.
  func checkErased(_ site: String, _ changes: [KnownChange]) async throws {
    let patients = try await network.withCenter { center in
      try center.store.read { try $0.erasedPatients(site: site) }
    }
    let gone = Set(patients)
    guard !gone.isEmpty else { return }
    for change in changes {
      try require(
        change.changeset.removing(gone).removed.isEmpty,
        "centre of \(site)",
        "a change of an erased patient is in the log"
      )
    }
    let unmarked = try await network.withCenter { center in
      try center.store.read { try $0.unmarkedPatients(site: site) }
    }
    try require(unmarked == 0, "centre of \(site)", "something lacks that nobody erased")
    for device in devices where device.site == site && !device.isRevoked {
      try checkErased(device, patients)
    }
  }
}
