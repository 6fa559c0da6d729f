// SPDX-License-Identifier: Apache-2.0
import Foundation
import RegistryDatabase
import Replication
import TestSupport
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
      try tables.applyLocal([changeset], in: db)
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
      try database.write { try tables.applyLocal([changeset], in: $0) }
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

  /// A copy of a first batch that lists a patient as new.
  private func introducing(_ patient: PatientID, in first: Batch) -> Batch {
    Batch(
      site: first.site,
      replica: first.replica,
      keyID: first.keyID,
      firstSequence: first.firstSequence,
      previous: first.previous,
      hash: first.hash,
      dictionaryVersion: first.dictionaryVersion,
      foreignContext: [],
      changesets: first.changesets,
      introduced: [patient]
    )
  }

  /// A batch after another that names a patient by its author's number.
  private func naming(_ number: UInt64, after first: Batch) -> Batch {
    let next = first.lastSequence + 1
    let field = Address(patient: .standIn(0), event: "", reader: "", field: "gamma")
    let changeset = Changeset(
      dot: Dot(replica: first.replica, sequence: next),
      lamport: 99,
      reason: "entry",
      context: VersionVector([first.replica: next - 1]),
      writes: [FieldWrite(address: field, value: .integer(5))]
    )
    return Batch(
      site: first.site,
      replica: first.replica,
      keyID: first.keyID,
      firstSequence: next,
      previous: first.hash,
      hash: BatchHash(bytes: [UInt8](repeating: UInt8(number) + 1, count: 32)) ?? .none,
      dictionaryVersion: first.dictionaryVersion,
      foreignContext: [],
      changesets: [changeset],
      references: [PatientReference(introducer: first.replica, number: number)]
    )
  }

  @Test func `a patient named by number is found, one never introduced is a fork`() throws {
    let (first, _, _) = try batches()
    let patient = try #require(first.changesets.first).writes[0].address.row.patient
    let all = [introducing(patient, in: first), naming(1, after: first), naming(0, after: first)]
    let tables = tables("A", decoding: all)
    var twin = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
    let row = RowAddress(patient: patient, event: "", reader: "")
    let expected = [
      Admission.applied(changesets: first.changesets.count),
      .forked(replica: first.replica, at: first.lastSequence + 1), .applied(changesets: 1),
    ]
    #expect(all.map { twin.apply($0) } == expected)
    try folder.database().write { db in
      let admissions = try all.map { try tables.admit($0, bytes: bytes($0), in: db) }
      #expect(admissions == expected)
      let heads = try tables.row(row, in: db)
      #expect(heads["gamma"]?.value == .integer(5))
      #expect(twin.rows[row] == heads)
      let before = try tables.stateRoot(in: db)
      try tables.rebuildHeads(in: db)
      let after = try tables.stateRoot(in: db)
      #expect(after == before)
      let known = try tables.introductions(of: [patient], author: first.replica, in: db)
      #expect(known.references == [patient: all[2].references[0]] && known.ownCount == 1)
    }
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
