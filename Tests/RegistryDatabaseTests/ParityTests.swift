// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication
import TestSupport
import Testing

@testable import RegistryDatabase

/// The database against its slow, obvious twin over seeded random histories.
struct ParityTests {
  private static let seeds = UInt64(1)...300

  @Test(arguments: [PatientFilter.recentLimit, 2])
  func `reordered and duplicated batches give the twin's heads, vector and digest`(
    recentLimit: Int64
  ) throws {
    let folder = TemporaryFolder()
    let database = try folder.database()
    for seed in Self.seeds {
      let site = "S\(seed)"
      let history = History(seed: seed, site: site, replicas: 2 + Int(seed % 3))
      var generator = SeededGenerator(seed: seed ^ 0x5EED)
      var twin = ReplicaState(replica: .random(using: &generator), site: site)
      for batch in history.batches { twin.apply(batch) }
      var tables = tables(site, decoding: history.batches)
      tables.recentLimit = recentLimit
      try database.write { db in
        let offered = (history.batches + history.batches).shuffled(using: &generator)
        for batch in offered { _ = try tables.admit(batch, bytes: bytes(batch), in: db) }
      }
      try expectEqual(database, tables, twin, seed: seed)
    }
  }

  @Test(arguments: [PatientFilter.recentLimit, 2])
  func `own saves, sealing and foreign batches give the twin's heads and digest`(
    recentLimit: Int64
  ) throws {
    let folder = TemporaryFolder()
    let database = try folder.database()
    for seed in Self.seeds {
      let site = "S\(seed)"
      let history = History(seed: seed, site: site, replicas: 3)
      let twin = history.replicas[0]
      var tables = tables(site, decoding: history.batches)
      tables.recentLimit = recentLimit
      try database.write { db in
        for batch in twin.log {
          if batch.replica == twin.replica {
            for changeset in batch.changesets { try tables.applyLocal([changeset], in: db) }
            try tables.appendSealed(batch, bytes: bytes(batch), in: db)
          } else {
            _ = try tables.admit(batch, bytes: bytes(batch), in: db)
          }
        }
      }
      try expectEqual(database, tables, twin, seed: seed)
    }
  }

  @Test func `equal vectors have equal roots`() {
    for seed in Self.seeds {
      var history = History(seed: seed, site: "S", replicas: 2)
      history.replicas[0].merge(history.replicas[1])
      history.replicas[1].merge(history.replicas[0])
      #expect(history.replicas[0].vector == history.replicas[1].vector, "seed \(seed)")
      let roots = history.replicas.map { StateDigest(of: $0.rows).root }
      #expect(roots[0] == roots[1], "seed \(seed)")
    }
  }

  @Test func `rebuilding the heads gives the same rows and root`() throws {
    let folder = TemporaryFolder()
    let database = try folder.database()
    for seed in UInt64(1)...60 {
      let site = "S\(seed)"
      let history = History(seed: seed, site: site, replicas: 3)
      let tables = tables(site, decoding: history.batches)
      var twin = ReplicaState(replica: ReplicaID(high: 77, low: seed), site: site)
      for batch in history.batches { twin.apply(batch) }
      let pending = twin.save([write("alpha", 9)])
      try database.write { db in
        for batch in history.batches { _ = try tables.admit(batch, bytes: bytes(batch), in: db) }
        try tables.applyLocal([pending], in: db)
        let before = try tables.stateRoot(in: db)
        let recomputed = try tables.recomputedDigest(in: db).root
        #expect(before == recomputed, "seed \(seed)")
        let kept = try tables.pendingChangesets(in: db)
        #expect(kept == [pending], "seed \(seed)")
        try db.execute(sql: "UPDATE head_row SET heads = x'010000', has_conflict = 1")
        try tables.rebuildHeads(in: db)
        let after = try tables.stateRoot(in: db)
        #expect(after == before, "seed \(seed)")
      }
      let rows = try database.read { try allRows(tables, $0) }
      #expect(rows == twin.rows, "seed \(seed)")
    }
  }

  private func allRows(
    _ tables: ReplicaTables,
    _ db: Database
  ) throws -> [RowAddress: RowHeads] {
    var rows: [RowAddress: RowHeads] = [:]
    try tables.forEachPatient(in: db) { patient, own in
      let single = try tables.rows(of: patient, in: db)
      #expect(single == own)
      rows.merge(own) { first, _ in first }
    }
    return rows
  }

  private func expectEqual(
    _ database: RegistryDatabase,
    _ tables: ReplicaTables,
    _ twin: ReplicaState,
    seed: UInt64
  ) throws {
    try database.read { (db: Database) throws -> Void in
      let held = try tables.heldCount(in: db)
      #expect(held == 0, "seed \(seed)")
      let vector = try tables.vector(in: db)
      #expect(vector == twin.vector, "seed \(seed)")
      let applied = try tables.appliedVector(in: db)
      #expect(applied == twin.appliedVector, "seed \(seed)")
      let heads = try tables.chainHeads(in: db)
      #expect(heads == twin.chainHeads, "seed \(seed)")
      let lamport = try tables.lamport(in: db)
      #expect(lamport == twin.lamport, "seed \(seed)")
      let rows = try allRows(tables, db)
      #expect(rows == twin.rows, "seed \(seed)")
      let root = StateDigest(of: twin.rows).root
      let stored = try tables.stateRoot(in: db)
      let recomputed = try tables.recomputedDigest(in: db).root
      #expect(stored == root && recomputed == root, "seed \(seed)")
      let conflicts = twin.rows.flatMap { address, row in
        row.filter(\.value.hasConflict).map { Address(row: address, field: $0.key) }
      }
      let found = try tables.conflicts(in: db).map(\.0)
      #expect(found == conflicts.sorted(), "seed \(seed)")
    }
  }
}
