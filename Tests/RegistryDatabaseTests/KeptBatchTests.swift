// SPDX-License-Identifier: Apache-2.0
import Foundation
import RegistryDatabase
import Replication
import TestSupport
import Testing

/// Batches of a later version: an older program keeps and relays them, and its successor reads them.
struct KeptBatchTests {
  private let folder = TemporaryFolder()
  private let batches: [Batch]
  private let expected: ReplicaState

  /// Two devices: the first one's second batch is of a later version, and all that follows has seen it.
  init() throws {
    var first = ReplicaState(replica: ReplicaID(high: 1, low: 1), site: "A")
    var second = ReplicaState(replica: ReplicaID(high: 2, low: 2), site: "A")
    first.save([write("alpha", 1)])
    let plain = try first.sealed()
    first.save([write("alpha", 2)])
    first.save([write("beta", 2)])
    let later = try first.sealed()
    first.save([write("alpha", 3)])
    let after = try first.sealed()
    second.merge(first)
    second.save([write("gamma", 4)])
    let answer = try second.sealed()
    batches = [plain, later, after, answer]
    first.merge(second)
    expected = first
  }

  /// As a program reads a batch that knows only earlier versions.
  private func unread(_ batch: Batch) -> Batch {
    Batch(
      site: batch.site,
      replica: batch.replica,
      keyID: batch.keyID,
      firstSequence: batch.firstSequence,
      previous: batch.previous,
      hash: batch.hash,
      dictionaryVersion: batch.dictionaryVersion,
      foreignContext: batch.foreignContext,
      changesets: [],
      unread: batch.changesets.count
    )
  }

  private var old: [Batch] { [batches[0], unread(batches[1]), batches[2], batches[3]] }

  private func admitted(by database: RegistryDatabase) throws -> [Admission] {
    let tables = tables("A", decoding: old)
    return try database.write { db in
      try old.map { try tables.admit($0, bytes: bytes($0), in: db) }
    }
  }

  @Test func `an older program applies what comes before and keeps the rest`() throws {
    let database = try folder.database()
    let admissions = try admitted(by: database)
    #expect(admissions[0] == .applied(changesets: 1))
    #expect(admissions[1] == .held(needs: []))
    let tables = tables("A", decoding: old)
    try database.read { db in
      #expect(try tables.needsNewerProgram(in: db))
      #expect(try tables.vector(in: db)[batches[0].replica] == 1)
      let kept = try tables.keptVector(in: db)
      #expect(kept == VersionVector([batches[0].replica: 4, batches[3].replica: 1]))
      #expect(try tables.keptChangesets(in: db) == 4)
    }
  }

  @Test func `what is kept is relayed byte for byte, after what is merged`() throws {
    let database = try folder.database()
    _ = try admitted(by: database)
    let relayed = try database.read { db in
      try tables("A", decoding: old).batches(after: VersionVector(), limitBytes: .max, in: db)
    }
    #expect(relayed.batches.map(\.bytes) == batches.map(bytes))
  }

  @Test func `nothing is relayed to who has kept it already`() throws {
    let database = try folder.database()
    _ = try admitted(by: database)
    let tables = tables("A", decoding: old)
    try database.read { db in
      var stored = try tables.vector(in: db)
      stored.merge(try tables.keptVector(in: db))
      #expect(try tables.batches(after: stored, limitBytes: .max, in: db).batches.isEmpty)
    }
  }

  @Test func `after an upgrade heads and digest are those of a program that knew it at once`()
    throws
  {
    let database = try folder.database()
    _ = try admitted(by: database)
    let tables = tables("A", decoding: batches)
    let applied = try database.write { try tables.applyKept(in: $0) }
    #expect(applied == 4)
    try database.read { db in
      let vector = try tables.vector(in: db)
      #expect(vector == expected.vector)
      #expect(try tables.stateRoot(in: db) == StateDigest(of: expected.rows).root)
      #expect(try tables.heldCount(in: db) == 0)
      #expect(try tables.keptVector(in: db) == VersionVector())
    }
  }

  @Test func `what proves to have no good form after an upgrade is forgotten`() throws {
    let database = try folder.database()
    _ = try admitted(by: database)
    let tables = tables("A", decoding: [batches[0], batches[2], batches[3]])
    let applied = try database.write { try tables.applyKept(in: $0) }
    #expect(applied == 0)
    #expect(try database.read { try tables.needsNewerProgram(in: $0) } == false)
  }

  @Test func `a batch that waits for another alone is not stated as kept`() throws {
    let database = try folder.database()
    let tables = tables("A", decoding: batches)
    try database.write { db in
      _ = try tables.admit(batches[1], bytes: bytes(batches[1]), in: db)
      #expect(try tables.keptVector(in: db) == VersionVector())
    }
  }

  @Test func `the twin in memory keeps it too`() {
    var twin = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
    for batch in old { twin.apply(batch) }
    #expect(twin.vector[batches[0].replica] == 1)
    #expect(twin.held.count == 3)
  }
}

/// The first address at which two merged states differ.
struct BucketAddressTests {
  private let folder = TemporaryFolder()

  private func filled(_ name: String, _ beta: Int64) throws -> (RegistryDatabase, ReplicaTables) {
    let database = try RegistryDatabase.open(
      path: folder.path + "/\(name)/registry.db",
      migrations: ["replica"]
    )
    var state = ReplicaState(replica: ReplicaID(high: 1, low: 1), site: "A")
    state.save([write("alpha", 1), write("beta", beta), write("gamma", 3)])
    let batch = try state.sealed()
    let tables = tables("A", decoding: [batch])
    _ = try database.write { try tables.admit(batch, bytes: bytes(batch), in: $0) }
    return (database, tables)
  }

  @Test func `two digests name the bucket, and its addresses the one that differs`() throws {
    let (left, tables) = try filled("left", 2)
    let (right, others) = try filled("right", 5)
    let ours = try #require(StateDigest(bytes: try left.read { try tables.stateBuckets(in: $0) }))
    let theirs = try #require(
      StateDigest(bytes: try right.read { try others.stateBuckets(in: $0) })
    )
    let bucket = try #require(ours.firstDifference(from: theirs))
    let here = try left.read { try tables.addresses(inBucket: bucket, in: $0) }
    let there = try right.read { try others.addresses(inBucket: bucket, in: $0) }
    let name = try #require(here.firstDifference(from: there))
    #expect(name == BucketAddresses.name(of: write("beta", 2).address))
    #expect(try left.read { try tables.address(named: name, in: $0) } == write("beta", 2).address)
  }

  @Test func `equal states name nothing`() throws {
    let (left, tables) = try filled("left", 2)
    let (right, others) = try filled("right", 2)
    for bucket in 0..<256 {
      let here = try left.read { try tables.addresses(inBucket: bucket, in: $0) }
      let there = try right.read { try others.addresses(inBucket: bucket, in: $0) }
      #expect(here.firstDifference(from: there) == nil)
    }
  }

  @Test func `addresses come back from their bytes, and broken bytes do not`() throws {
    let (database, tables) = try filled("one", 2)
    let bucket = 0
    let found = try database.read { try tables.addresses(inBucket: bucket, in: $0) }
    #expect(BucketAddresses(bytes: found.bytes) == found)
    #expect(!found.bytes.isEmpty)
    #expect(BucketAddresses(bytes: found.bytes + [0]) == nil)
    #expect(BucketAddresses(bytes: found.bytes + found.bytes) == nil)
  }
}
