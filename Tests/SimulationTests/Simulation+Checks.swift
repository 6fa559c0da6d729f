// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import RegistryDatabase
import Replication
import SyncProtocol

@testable import SiteReplica

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

  /// All tokens at the centre.
  func centerTokens() async throws -> Set<Int> {
    var tokens: Set<Int> = []
    for site in Set(devices.map(\.site)) {
      for logged in try await centerBatches(site) {
        tokens.formUnion(
          Ledger.tokens(try ReceivedBatch.decode(logged.bytes).batch.changesets)
        )
      }
    }
    return tokens
  }

  /// Heals the network and syncs until all devices hold what the centre holds.
  func settle() async throws {
    await network.setFaults(percent: 0)
    await network.setPartition(false)
    try await network.withCenter { center in
      center.store.fail(.none, after: 0)
      try center.crash()
    }
    for _ in 0..<Self.settleLimit {
      for device in devices { try await syncOnce(device) }
      if try await isSettled() { return }
    }
    throw SimulationFailure.broken("all", "no rest after \(Self.settleLimit) rounds")
  }

  private func isSettled() async throws -> Bool {
    for device in devices {
      let (vector, hasPending) = try device.store.database.read { database in
        (
          try device.store.tables.vector(in: database),
          try device.store.hasPending(in: database)
        )
      }
      let site = device.site
      let center = try await network.withCenter { center in
        try center.store.read { try $0.vector(site: site) }
      }
      if hasPending || vector != center { return false }
    }
    return true
  }

  /// The definition of heads, applied to a log: what no other write's context covers.
  static func heads(_ changesets: [Changeset]) -> [Address: Set<Dot>] {
    var writes: [Address: [Changeset]] = [:]
    for changeset in changesets {
      for write in changeset.writes { writes[write.address, default: []].append(changeset) }
    }
    return writes.mapValues { writers in
      Set(
        writers.filter { one in
          !writers.contains { $0.dot != one.dot && $0.context.covers(one.dot) }
        }.map(\.dot)
      )
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
    let changesets = try device.changesets()
    let shown = Self.flatten(try device.rows())
    try checkHeads(changesets, shown, at: device.name)
  }

  private func checkHeads(
    _ changesets: [Changeset],
    _ shown: [Address: Register],
    at place: String
  ) throws {
    let expected = Self.heads(changesets)
    try require(
      shown.mapValues { Set($0.heads.map(\.dot)) } == expected,
      place,
      "the heads are not those of the log"
    )
    var dots: [Int: Set<Dot>] = [:]
    for changeset in changesets {
      if let token = Ledger.token(changeset) { dots[token, default: []].insert(changeset.dot) }
    }
    try ledger.check(
      heads: shown.mapValues { Set($0.heads.compactMap { Ledger.token($0.value) }) },
      present: Set(dots.keys),
      issuedTwice: Set(dots.filter { $0.value.count > 1 }.keys),
      at: place
    )
  }

  /// What must hold once everything is at rest.
  func checkEnd() async throws {
    for site in Set(devices.map(\.site)).sorted() {
      let batches = try await centerBatches(site)
      try checkChains(batches, site)
      let changesets = try Self.changesets(batches)
      let missing = ledger.due(site: site).subtracting(Ledger.tokens(changesets))
      try require(missing.isEmpty, site, "acknowledged and not at the centre: \(missing.sorted())")
      let (root, rows) = try await network.withCenter { center in
        try center.store.read { store in
          var rows: [RowAddress: RowHeads] = [:]
          try store.forEachPatient(site: site) { _, found in rows.merge(found) { $1 } }
          return (try store.stateRoot(site: site), rows)
        }
      }
      try checkHeads(changesets, Self.flatten(rows), at: "centre of \(site)")
      for device in devices where device.site == site {
        try checkDevice(device, root: root, rows: rows)
      }
    }
  }

  /// The changesets of a whole log, with every patient by id.
  private static func changesets(_ batches: [LoggedBatch]) throws -> [Changeset] {
    var introduced: [ReplicaID: [PatientID]] = [:]
    return try batches.flatMap { logged in
      let batch = try ReceivedBatch.decode(logged.bytes).batch
      let resolved = batch.resolved { introduced[$0.introducer]?[Int($0.number)] }
      introduced[batch.replica, default: []] += batch.introduced
      return resolved?.changesets ?? []
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
    // The vault is shared by all devices here, so its file is not where the check looks.
    let checks = try device.store.diagnose(now: now + 20_000)
    for check in checks where check.name != "permissions" {
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
          && batch.hash.bytes == Array(SHA256.hash(data: logged.bytes)),
        site,
        "a chain is broken at \(batch.replica) \(batch.firstSequence)"
      )
      ends[batch.replica] = (batch.lastSequence, batch.hash)
    }
  }
}
