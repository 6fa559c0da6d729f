// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import RegistryDatabase
import Replication
import SiteReplica
import SyncProtocol

extension Simulation {
  /// Rounds after which everything must have come to rest.
  private static let settleLimit = 12

  /// The changesets that the centre holds of a site, in the order of its log.
  func centerBatches(_ site: String) async throws -> [LoggedBatch] {
    try await network.withCenter { center in
      try center.store.read {
        try $0.batches(site: site, after: VersionVector(), limitBytes: .max).batches
      }
    }
  }

  /// The changes that the centre holds of a site.
  func centerChanges(_ site: String) async throws -> [KnownChange] {
    try changes(try await centerBatches(site), site)
  }

  /// The changes of a whole log, with every patient by id.
  private func changes(_ batches: [LoggedBatch], _ site: String) throws -> [KnownChange] {
    var introduced: [ReplicaID: [PatientID]] = [:]
    return try batches.flatMap { logged in
      let known = try reader.read(logged, site: site) { batch in
        batch.resolved { introduced[$0.introducer]?[Int($0.number)] }
      }
      introduced[known.replica, default: []] += known.introduced
      return known.changes
    }
  }

  /// All tokens at the centre.
  func centerTokens() async throws -> Set<Int> {
    var tokens: Set<Int> = []
    for site in sites { tokens.formUnion(try await centerChanges(site).tokens) }
    return tokens
  }

  /// Heals the network and syncs until all devices hold what the centre holds.
  func settle() async throws {
    await network.setFaults(percent: 0)
    await network.setPartition(false)
    try await network.withCenter { center in
      center.clockSkew = 0
      center.store.fail(.none, after: 0)
      try center.crash()
    }
    for _ in 0..<Self.settleLimit {
      for device in devices where !device.isRevoked { try await syncOnce(device) }
      if try await isSettled() { return }
    }
    throw SimulationFailure.broken("all", "no rest after \(Self.settleLimit) rounds")
  }

  private func isSettled() async throws -> Bool {
    for device in devices where !device.isRevoked {
      let (vector, hasPending) = try device.state()
      let site = device.site
      let center = try await network.withCenter { center in
        try center.store.read { try $0.vector(site: site) }
      }
      if hasPending || vector != center { return false }
    }
    return true
  }

  /// The definition of heads, applied to a log: what no other write's context covers.
  static func heads(_ changes: [KnownChange]) -> [Address: [Dot: Value]] {
    var writes: [Address: [(Changeset, Value)]] = [:]
    let gone = changes.reduce(into: Set<PatientID>()) { $0.formUnion($1.changeset.erasures) }
    for change in changes {
      for write in change.changeset.writes where !gone.contains(write.address.row.patient) {
        writes[write.address, default: []].append((change.changeset, write.value))
      }
    }
    return writes.mapValues { writers in
      var heads: [Dot: Value] = [:]
      for (one, value) in writers
      where !writers.contains(where: { $0.0.dot != one.dot && $0.0.context.covers(one.dot) }) {
        heads[one.dot] = value
      }
      return heads
    }
  }

  private static func flatten(_ rows: [RowAddress: RowHeads]) -> [Address: Register] {
    var flat: [Address: Register] = [:]
    for (row, fields) in rows {
      for (field, register) in fields { flat[Address(row: row, field: field)] = register }
    }
    return flat
  }

  /// A device shows the heads of its own log: whole changesets, nothing lost, nothing back again.
  func checkHeads(_ device: SimulatedDevice) throws {
    let changes = try device.changes(reader)
    let shown = Self.flatten(try device.rows())
    try checkHeads(changes, shown, at: device.name)
  }

  private func checkHeads(
    _ changes: [KnownChange],
    _ shown: [Address: Register],
    at place: String
  ) throws {
    var present: [Address: [Dot: Value]] = [:]
    for (address, register) in shown {
      present[address] = Dictionary(
        register.heads.map { ($0.dot, $0.value) },
        uniquingKeysWith: { first, _ in first }
      )
    }
    try require(present == Self.heads(changes), place, "the heads are not those of the log")
    var tokens: [Dot: Int] = [:]
    var dots: [Int: Set<Dot>] = [:]
    for change in changes {
      tokens[change.changeset.dot] = change.token
      dots[change.token, default: []].insert(change.changeset.dot)
    }
    try ledger.check(
      heads: shown.mapValues { Set($0.heads.compactMap { tokens[$0.dot] }) },
      present: Set(dots.keys),
      issuedTwice: Set(dots.filter { $0.value.count > 1 }.keys),
      at: place
    )
  }

  /// Every device has the centre's model; a centre that was put back offers none while one is newer.
  private func checkModels() async throws {
    let version = try await network.withCenter { try $0.center.versionToExceed() }
    let offered = try await network.withCenter { try $0.center.offeredModel() }
    if offered == 0 { reach(.modelWithheld) }
    for device in devices where !device.isRevoked && offered > 0 {
      try require(
        try device.modelVersion() == version,
        device.name,
        "at rest without the centre's model"
      )
    }
  }

  /// What must hold once everything is at rest.
  func checkEnd() async throws {
    try await checkModels()
    for site in sites {
      let batches = try await centerBatches(site)
      try checkChains(batches, site)
      let changes = try changes(batches, site)
      let missing = ledger.due(site: site).subtracting(changes.tokens)
      try require(missing.isEmpty, site, "acknowledged and not at the centre: \(missing.sorted())")
      let (root, rows) = try await network.withCenter { center in
        try center.store.read { store in
          var rows: [RowAddress: RowHeads] = [:]
          try store.forEachPatient(site: site) { _, found in rows.merge(found) { $1 } }
          return (try store.stateRoot(site: site), rows)
        }
      }
      try checkHeads(changes, Self.flatten(rows), at: "centre of \(site)")
      for device in devices where device.site == site && !device.isRevoked {
        try checkDevice(device, root: root, rows: rows)
      }
      try await checkErased(site, changes)
    }
  }

  private func checkDevice(
    _ device: SimulatedDevice,
    root: Data,
    rows: [RowAddress: RowHeads]
  ) throws {
    try device.store.database.read { database in
      let tables = device.store.tables
      let own = Data(try tables.stateRoot(in: database))
      try require(own == root, device.name, "equal vectors, other root")
      let computed = Data(try tables.recomputedDigest(in: database).root)
      try require(computed == root, device.name, "the digest is not that of the heads")
      try require(try tables.heldCount(in: database) == 0, device.name, "batches still wait")
    }
    try require(try device.rows() == rows, device.name, "equal vectors, other heads")
    try diagnose(device)
  }

  private func diagnose(_ device: SimulatedDevice) throws {
    // The vault is shared by all devices here, so its file is not where the check looks; and
    // clocks are wrong on purpose.
    let excused = ["permissions", "clock"]
    let checks = try device.store.diagnose(now: now)
    for check in checks where !excused.contains(check.name) {
      try require(check.isGood, device.name, "doctor: \(check.name): \(check.finding)")
    }
  }

  /// Every chain is whole and every hash is that of its bytes.
  private func checkChains(_ batches: [LoggedBatch], _ site: String) throws {
    var ends: [ReplicaID: (sequence: UInt64, hash: BatchHash)] = [:]
    for logged in batches {
      let batch = try ReceivedBatch.decode(logged.bytes).batch
      let (sequence, hash) = ends[batch.replica] ?? (0, .none)
      try require(
        batch.firstSequence == sequence + 1 && batch.previous == hash
          && (batch.redaction != nil
            || batch.hash.bytes == Array(SHA256.hash(data: logged.bytes))),
        site,
        "a chain is broken at \(batch.replica) \(batch.firstSequence)"
      )
      ends[batch.replica] = (batch.lastSequence, batch.hash)
    }
  }
}
