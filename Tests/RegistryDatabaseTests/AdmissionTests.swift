// SPDX-License-Identifier: Apache-2.0
import Foundation
import RegistryDatabase
import Replication
import Testing

struct AdmissionTests {
  private let folder = TemporaryFolder()
  private let author = ReplicaID(high: 1, low: 2)

  /// Two batches of one author, and a first batch that its clone sealed instead.
  private func batches() throws -> (first: Batch, second: Batch, clone: Batch) {
    var state = ReplicaState(replica: author, site: "A")
    state.save([write("alpha", 1), write("beta", 1)])
    let first = try state.sealed()
    state.save([write("alpha", 2)])
    let second = try state.sealed()
    var copy = ReplicaState(replica: author, site: "A")
    copy.save([write("alpha", 7)])
    return (first, second, try copy.sealed())
  }

  private func admit(_ offered: [Batch]) throws -> [Admission] {
    let tables = tables("A", decoding: offered)
    return try folder.database().write { db in
      try offered.map { try tables.admit($0, bytes: bytes($0), in: db) }
    }
  }

  @Test func `a batch without its predecessor waits and is released by it`() throws {
    let (first, second, _) = try batches()
    let need = ContextEntry(replica: author, last: 1, chainPrefix: first.hash.prefix8)
    #expect(
      try admit([second, first, second])
        == [.held(needs: [need]), .applied(changesets: 2), .duplicate]
    )
  }

  @Test func `the same sequence with another hash is a fork`() throws {
    let (first, _, clone) = try batches()
    #expect(
      try admit([first, clone]) == [.applied(changesets: 1), .forked(replica: author, at: 1)]
    )
  }

  @Test func `a predecessor with another hash is a fork`() throws {
    let (_, second, clone) = try batches()
    #expect(
      try admit([clone, second]) == [.applied(changesets: 1), .forked(replica: author, at: 2)]
    )
  }

  @Test func `a context with another chain prefix is a fork of the replica it names`() throws {
    let (first, _, clone) = try batches()
    var witness = ReplicaState(replica: ReplicaID(high: 5, low: 5), site: "A")
    witness.apply(first)
    witness.save([write("beta", 3)])
    let witnessed = try witness.sealed()
    #expect(
      try admit([clone, witnessed])
        == [.applied(changesets: 1), .forked(replica: author, at: 1)]
    )
  }

  @Test func `a batch beyond one's own unsealed changes is a fork`() throws {
    let (first, second, _) = try batches()
    let tables = tables("A", decoding: [first, second])
    let changeset = try #require(first.changesets.first)
    try folder.database().write { db in
      try tables.applyLocal(changeset, in: db)
      let admission = try tables.admit(first, bytes: bytes(first), in: db)
      #expect(admission == .forked(replica: author, at: 1))
    }
  }

  @Test func `a batch of another scope is refused`() throws {
    let (first, _, _) = try batches()
    let other = tables("B", decoding: [first])
    let database = try folder.database()
    #expect(throws: RegistryDatabaseError.scopeDiffers) {
      try database.write { try other.admit(first, bytes: bytes(first), in: $0) }
    }
  }

  @Test func `an own changeset out of sequence is refused`() throws {
    let (_, second, _) = try batches()
    let tables = tables("A", decoding: [])
    let changeset = try #require(second.changesets.first)
    let database = try folder.database()
    #expect(
      throws: RegistryDatabaseError.outOfSequence(expected: Dot(replica: author, sequence: 1))
    ) {
      try database.write { try tables.applyLocal(changeset, in: $0) }
    }
  }

  @Test func `batches after a vector come in causal order within the byte limit`() throws {
    let history = History(seed: 11, site: "A", replicas: 3)
    let tables = tables("A", decoding: history.batches)
    let database = try folder.database()
    try database.write { db in
      for batch in history.batches { _ = try tables.admit(batch, bytes: bytes(batch), in: db) }
    }
    var reader = ReplicaState(replica: ReplicaID(high: 8, low: 8), site: "A")
    var rounds = 0
    var hasMore = true
    while hasMore {
      let answer = try database.read {
        try tables.batches(after: reader.vector, limitBytes: 100, in: $0)
      }
      #expect(answer.batches.reduce(0) { $0 + $1.bytes.count } <= 100)
      for logged in answer.batches {
        let batch = try #require(history.batches.first { bytes($0) == logged.bytes })
        #expect(reader.apply(batch) == .applied(changesets: batch.changesets.count))
      }
      hasMore = answer.hasMore
      rounds += 1
    }
    #expect(rounds > 1)
    let vector = try database.read { try tables.vector(in: $0) }
    #expect(reader.vector == vector)
  }

  @Test func `scopes do not see one another`() throws {
    let (first, _, _) = try batches()
    let database = try folder.database()
    let site = tables("A", decoding: [first])
    let other = tables("B", decoding: [first])
    try database.write { _ = try site.admit(first, bytes: bytes(first), in: $0) }
    try database.read { db in
      let vector = try other.vector(in: db)
      #expect(vector == VersionVector())
      let strangers = try other.patients(in: db)
      #expect(strangers.isEmpty)
      let root = try other.stateRoot(in: db)
      #expect(root == StateDigest().root)
      let patients = try site.patients(in: db)
      #expect(patients == [PatientID(high: 1, low: 1)])
      let place = RowAddress(patient: PatientID(high: 1, low: 1), event: "", reader: "")
      let row = try site.row(place, in: db)
      #expect(row.keys.sorted() == ["alpha", "beta"])
    }
  }
}
