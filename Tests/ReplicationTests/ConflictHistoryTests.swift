// SPDX-License-Identifier: Apache-2.0
import Replication
import TestSupport
import Testing

/// What was ever in conflict, by single facts and over seeded histories; a failure prints its seed.
struct ConflictHistoryTests {
  private static let seeds = (0..<300).map { SeededGenerator.seed &+ $0 }
  private static let first = ReplicaID(high: 0, low: 1)
  private static let second = ReplicaID(high: 0, low: 2)
  private static let patient = PatientID(high: 1, low: 1)

  private func change(
    _ replica: ReplicaID,
    _ sequence: UInt64,
    _ value: Value,
    seen: [ReplicaID: UInt64] = [:],
    of patient: PatientID = patient,
    field: String = "alpha"
  ) -> Changeset {
    var context = VersionVector(seen)
    context.advance(replica, to: sequence - 1)
    let address = Address(patient: patient, event: "", reader: "", field: field)
    return Changeset(
      dot: Dot(replica: replica, sequence: sequence),
      lamport: sequence,
      reason: "entry",
      context: context,
      writes: [FieldWrite(address: address, value: value)]
    )
  }

  private func fields(
    _ changesets: [Changeset],
    uniting names: [PatientID: PatientID] = [:],
    exceptFor ownField: String = ""
  ) -> [String] {
    var history = ConflictHistory(uniting: names, exceptFor: ownField)
    for changeset in changesets { history.add(changeset) }
    return history.addresses.map(\.field)
  }

  @Test func `a conflict that was resolved was one`() {
    let found = fields([
      change(Self.first, 1, .integer(1)), change(Self.second, 1, .integer(2)),
      change(Self.second, 2, .integer(2), seen: [Self.first: 1]),
    ])
    #expect(found == ["alpha"])
  }

  @Test func `equal concurrent values are no conflict`() {
    let found = fields([
      change(Self.first, 1, .integer(1)), change(Self.second, 1, .integer(1)),
    ])
    #expect(found.isEmpty)
  }

  @Test func `a correction of what was seen is no conflict`() {
    let found = fields([
      change(Self.first, 1, .integer(1)),
      change(Self.second, 1, .integer(2), seen: [Self.first: 1]),
      change(Self.first, 2, .integer(3), seen: [Self.second: 1]),
    ])
    #expect(found.isEmpty)
  }

  /// The other author saw neither write: whether its own came between them cannot matter.
  @Test func `a write that its author had replaced by then still conflicts`() {
    let (replaced, present) = (
      change(Self.first, 1, .integer(1)), change(Self.first, 2, .integer(2))
    )
    let other = change(Self.second, 1, .integer(2))
    #expect(fields([replaced, present, other]) == ["alpha"])
    #expect(fields([replaced, other, present]) == ["alpha"])
    #expect(fields([other, replaced, present]) == ["alpha"])
  }

  @Test func `writes of united registrations meet, links stay apart`() {
    let twin = PatientID(high: 1, low: 2)
    let changes = [
      change(Self.first, 1, .integer(1)), change(Self.second, 1, .integer(2), of: twin),
      change(Self.first, 2, .integer(1), field: "link"),
      change(Self.second, 2, .integer(2), of: twin, field: "link"),
    ]
    #expect(fields(changes).isEmpty)
    #expect(fields(changes, uniting: [twin: Self.patient], exceptFor: "link") == ["alpha"])
  }

  @Test(arguments: seeds)
  func `one pass finds what the definition says, in any order that can come`(seed: UInt64) {
    let history = History(seed: seed, replicas: 2 + Int(seed % 3))
    let expected = addressesEverInConflict(history.batches)
    var generator = SeededGenerator(seed: seed ^ 0xE7E2)
    for _ in 0..<3 {
      var replica = ReplicaState(replica: .random(using: &generator), site: "A")
      for batch in history.batches.shuffled(using: &generator) { replica.apply(batch) }
      var found = ConflictHistory()
      for changeset in replica.log.flatMap(\.changesets) { found.add(changeset) }
      #expect(found.addresses == expected, "reproduce with LOBULE_SEED=\(seed)")
    }
  }

  @Test(arguments: seeds)
  func `whatever was in conflict after any batch is found`(seed: UInt64) {
    let history = History(seed: seed, replicas: 3)
    let found = Set(addressesEverInConflict(history.batches))
    var generator = SeededGenerator(seed: seed ^ 0xE7E2)
    var replica = ReplicaState(replica: .random(using: &generator), site: "A")
    for batch in history.batches.shuffled(using: &generator) {
      replica.apply(batch)
      for (row, heads) in replica.rows {
        for (field, register) in heads where register.hasConflict {
          let isFound = found.contains(Address(row: row, field: field))
          #expect(isFound, "reproduce with LOBULE_SEED=\(seed)")
        }
      }
    }
  }

  /// Without such histories the two properties above would say nothing of resolved conflicts.
  @Test func `many of the histories resolve a conflict`() {
    let resolving = Self.seeds.count { seed in
      let history = History(seed: seed, replicas: 3)
      var replica = ReplicaState(replica: ReplicaID(high: 9, low: 9), site: "A")
      for batch in history.batches { replica.apply(batch) }
      return addressesEverInConflict(history.batches).contains { address in
        replica.rows[address.row]?[address.field]?.hasConflict == false
      }
    }
    #expect(resolving > Self.seeds.count / 10)
  }
}
