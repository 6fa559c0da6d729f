// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import RegistryDatabase
import Replication
import TestSupport
import Testing

/// Erasure by law in the tables, against the twin and by single facts.
@Suite struct ErasureTests {
  private static let patient = PatientID(high: 1, low: 1)

  private func mark(_ patient: PatientID = patient) -> FieldWrite {
    FieldWrite(address: .erasure(of: patient), value: .erased)
  }

  /// A history in which one replica erases a patient somewhere in the middle.
  private func history(_ seed: UInt64, _ site: String) -> [Batch] {
    var generator = SeededGenerator(seed: seed)
    let patients = [Self.patient, PatientID(high: 2, low: 2)]
    var replicas = (0..<3).map { _ in
      ReplicaState(replica: .random(using: &generator), site: site)
    }
    var batches: [Batch] = []
    func seal(_ index: Int) {
      if let batch = replicas[index].seal(hash: testHash) { batches.append(batch) }
    }
    for step in 0..<40 {
      let index = Int.random(in: 0..<3, using: &generator)
      if step == 20 {
        replicas[index].save([mark()], reason: "erasure_request")
      } else if Bool.random(using: &generator) {
        let patient = patients[Int.random(in: 0..<2, using: &generator)]
        // Who knows of the erasure writes nothing more of the patient.
        guard !replicas[index].erased.contains(patient) else { continue }
        let address = Address(patient: patient, event: "", reader: "", field: "alpha")
        replicas[index].save([FieldWrite(address: address, value: .integer(Int64(step)))])
      } else {
        seal(index)
        let other = Int.random(in: 0..<3, using: &generator)
        if other != index { replicas[index].merge(replicas[other]) }
      }
    }
    for index in replicas.indices { seal(index) }
    return batches
  }

  @Test func `whatever the order, heads and digest are the twin's and nothing is left`() throws {
    let folder = TemporaryFolder()
    let database = try folder.database()
    for seed in UInt64(1)...150 {
      let site = "S\(seed)"
      let batches = history(seed, site)
      var generator = SeededGenerator(seed: seed ^ 0xE5A5E)
      var twin = ReplicaState(replica: .random(using: &generator), site: site)
      for batch in batches { twin.apply(batch) }
      let tables = tables(site, decoding: batches)
      try database.write { db in
        // What waits when a mark comes is dropped and asked for again.
        for _ in 0..<batches.count {
          for batch in batches.shuffled(using: &generator) {
            _ = try tables.admit(batch, bytes: bytes(batch), in: db)
          }
        }
        let root = try tables.stateRoot(in: db)
        #expect(root == StateDigest(of: twin.rows).root, "seed \(seed)")
        #expect(try tables.vector(in: db) == twin.vector, "seed \(seed)")
        #expect(try tables.lamport(in: db) == twin.lamport, "seed \(seed)")
        #expect(try Set(tables.erasedPatients(in: db)) == twin.erased, "seed \(seed)")
        #expect(try tables.rows(of: Self.patient, in: db).isEmpty, "seed \(seed)")
        try tables.rebuildHeads(in: db)
        #expect(try tables.stateRoot(in: db) == root, "seed \(seed)")
        #expect(try tables.recomputedDigest(in: db).root == root, "seed \(seed)")
        try tables.forEachBatch(in: db) { logged in
          let known = batches.first { $0.hash == logged.hash }
          let hasMore = known?.removing([Self.patient]) != nil
          #expect((logged.bytes.count > 32) == hasMore, "seed \(seed)")
        }
      }
    }
  }

  @Test func `a write that comes after the mark is dropped, and the log goes on`() throws {
    let folder = TemporaryFolder()
    var eraser = ReplicaState(replica: ReplicaID(high: 1, low: 1), site: "A")
    var other = ReplicaState(replica: ReplicaID(high: 2, low: 2), site: "A")
    eraser.save([mark()], reason: "erasure_request")
    let erasure = try eraser.sealed()
    other.save([write("alpha", 7)])
    let late = try other.sealed()
    let tables = tables("A", decoding: [erasure, late])
    try folder.database().write { db in
      _ = try tables.admit(erasure, bytes: bytes(erasure), in: db)
      #expect(try tables.admit(late, bytes: bytes(late), in: db) == .applied(changesets: 1))
      #expect(try tables.rows(of: Self.patient, in: db).isEmpty)
      #expect(try tables.redactedBatches(in: db) == 1)
      #expect(try tables.admit(late, bytes: bytes(late), in: db) == .duplicate)
      #expect(try tables.redactedBatches(in: db) == 1)
    }
  }

  @Test func `own changes that are not sealed lose the patient and keep their sequences`() throws {
    let folder = TemporaryFolder()
    var twin = ReplicaState(replica: ReplicaID(high: 1, low: 1), site: "A")
    let tables = tables("A", decoding: [])
    let other = PatientID(high: 3, low: 3)
    let rest = FieldWrite(
      address: Address(patient: other, event: "", reader: "", field: "alpha"),
      value: .integer(1)
    )
    try folder.database().write { db in
      for writes in [[write("alpha", 7)], [write("beta", 8), rest]] {
        try tables.applyLocal([twin.save(writes)], in: db)
      }
      try tables.applyLocal([twin.save([mark()], reason: "erasure_request")], in: db)
      let pending = try tables.pendingChangesets(in: db)
      #expect(pending == twin.pending)
      #expect(pending.map(\.dot.sequence) == [1, 2, 3])
      #expect(pending[0].writes == [mark()])
      #expect(pending[1].writes == [rest])
      let root = try tables.stateRoot(in: db)
      #expect(root == StateDigest(of: twin.rows).root)
      try tables.rebuildHeads(in: db)
      #expect(try tables.stateRoot(in: db) == root)
    }
  }

  @Test func `a redaction of somebody who was not erased replaces nothing`() throws {
    let folder = TemporaryFolder()
    var author = ReplicaState(replica: ReplicaID(high: 1, low: 1), site: "A")
    author.save([write("alpha", 7)])
    let whole = try author.sealed()
    let rest = try #require(whole.removing([Self.patient]))
    let tables = tables("A", decoding: [whole])
    try folder.database().write { db in
      _ = try tables.admit(whole, bytes: bytes(whole), in: db)
      let answer = try tables.admit(rest, bytes: bytes(whole) + Self.patient.bytes, in: db)
      #expect(answer == .unmarked(replica: author.replica, at: 1))
      #expect(try !tables.rows(of: Self.patient, in: db).isEmpty)
    }
  }

  @Test func `a redaction that comes before its mark is known as unmarked until then`() throws {
    let folder = TemporaryFolder()
    var author = ReplicaState(replica: ReplicaID(high: 1, low: 1), site: "A")
    author.save([write("alpha", 7)])
    let whole = try author.sealed()
    let rest = try #require(whole.removing([Self.patient]))
    author.save([mark()], reason: "erasure_request")
    let erasure = try author.sealed()
    let tables = tables("A", decoding: [whole, erasure])
    try folder.database().write { db in
      _ = try tables.admit(rest, bytes: bytes(whole) + Self.patient.bytes, in: db)
      #expect(try tables.unmarkedPatients(in: db) == 1)
      _ = try tables.admit(erasure, bytes: bytes(erasure), in: db)
      #expect(try tables.unmarkedPatients(in: db) == 0)
      #expect(try tables.lamport(in: db) == 2)
    }
  }
}
