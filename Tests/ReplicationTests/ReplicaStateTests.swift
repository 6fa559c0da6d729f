// SPDX-License-Identifier: Apache-2.0
import Replication
import TestSupport
import Testing

/// Properties of the merge over seeded random histories; a failure prints its seed.
struct ReplicaStateTests {
  static let seeds: [UInt64] = Array(1...200)

  @Test(arguments: seeds)
  func `merging is commutative`(seed: UInt64) {
    let history = History(seed: seed, replicas: 2)
    var left = history.replicas[0]
    var right = history.replicas[1]
    left.merge(history.replicas[1])
    right.merge(history.replicas[0])
    #expect(left.rows == right.rows, "seed \(seed)")
    #expect(left.vector == right.vector, "seed \(seed)")
  }

  @Test(arguments: seeds)
  func `merging is associative`(seed: UInt64) {
    let history = History(seed: seed, replicas: 3)
    var leftFirst = history.replicas[0]
    leftFirst.merge(history.replicas[1])
    leftFirst.merge(history.replicas[2])
    var rightPair = history.replicas[1]
    rightPair.merge(history.replicas[2])
    var rightFirst = history.replicas[0]
    rightFirst.merge(rightPair)
    #expect(leftFirst.rows == rightFirst.rows, "seed \(seed)")
  }

  @Test(arguments: seeds)
  func `merging is idempotent`(seed: UInt64) {
    let history = History(seed: seed, replicas: 2)
    var once = history.replicas[0]
    once.merge(history.replicas[1])
    var twice = once
    twice.merge(history.replicas[1])
    twice.merge(once)
    #expect(once.rows == twice.rows, "seed \(seed)")
    #expect(once.log == twice.log, "seed \(seed)")
  }

  @Test(arguments: seeds)
  func `reordered and duplicated batches give the same heads`(seed: UInt64) {
    let history = History(seed: seed, replicas: 4)
    var generator = SeededGenerator(seed: seed ^ 0xABCD)
    var inOrder = ReplicaState(replica: .random(using: &generator), site: "A")
    for batch in history.batches { inOrder.apply(batch) }
    var shuffled = ReplicaState(replica: .random(using: &generator), site: "A")
    for batch in (history.batches + history.batches).shuffled(using: &generator) {
      shuffled.apply(batch)
    }
    #expect(shuffled.held.isEmpty, "seed \(seed)")
    #expect(shuffled.vector == inOrder.vector, "seed \(seed)")
    #expect(shuffled.rows == inOrder.rows, "seed \(seed)")
  }

  @Test func `a batch without its predecessor is held and names what it needs`() throws {
    let (first, second) = try twoBatches()
    var reader = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
    let need = ContextEntry(
      replica: first.replica,
      last: 1,
      chainPrefix: first.hash.prefix8
    )
    #expect(reader.apply(second) == .held(needs: [need]))
    #expect(reader.rows.isEmpty)
    #expect(reader.apply(first) == .applied(changesets: 2))
  }

  @Test func `another batch at a known sequence is a fork`() throws {
    let (first, _) = try twoBatches()
    var clone = ReplicaState(replica: first.replica, site: "A")
    clone.save([write("alpha", 7)])
    let other = try clone.sealed()
    var reader = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
    reader.apply(first)
    #expect(reader.apply(other) == .forked(replica: first.replica, at: 1))
  }

  @Test func `a predecessor with another hash is a fork`() throws {
    let (_, second) = try twoBatches()
    var clone = ReplicaState(replica: second.replica, site: "A")
    clone.save([write("alpha", 7)])
    let other = try clone.sealed()
    var reader = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
    reader.apply(other)
    #expect(reader.apply(second) == .forked(replica: second.replica, at: 2))
  }

  @Test func `a context that saw another version of a batch is a fork`() throws {
    let (first, _) = try twoBatches()
    var witness = ReplicaState(replica: ReplicaID(high: 5, low: 5), site: "A")
    witness.apply(first)
    witness.save([write("beta", 1)])
    let witnessed = try witness.sealed()
    var clone = ReplicaState(replica: first.replica, site: "A")
    clone.save([write("alpha", 7)])
    let other = try clone.sealed()
    var reader = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
    reader.apply(other)
    #expect(reader.apply(witnessed) == .forked(replica: first.replica, at: 1))
  }

  private func write(_ field: String, _ number: Int64) -> FieldWrite {
    FieldWrite(
      address: Address(
        patient: PatientID(high: 1, low: 1),
        event: "",
        reader: "",
        field: field
      ),
      value: .integer(number)
    )
  }

  private func twoBatches() throws -> (Batch, Batch) {
    var author = ReplicaState(replica: ReplicaID(high: 1, low: 2), site: "A")
    author.save([write("alpha", 1)])
    let first = try author.sealed()
    author.save([write("alpha", 2)])
    let second = try author.sealed()
    return (first, second)
  }
}
