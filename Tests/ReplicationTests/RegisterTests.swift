// SPDX-License-Identifier: Apache-2.0
import Replication
import Testing

struct RegisterTests {
  private let first = ReplicaID(high: 0, low: 1)
  private let second = ReplicaID(high: 0, low: 2)

  private func dot(_ replica: ReplicaID, _ sequence: UInt64) -> Dot {
    Dot(replica: replica, sequence: sequence)
  }

  @Test func `a covered head is replaced`() {
    var register = Register()
    register.apply(value: .integer(1), dot: dot(first, 1), lamport: 1, context: VersionVector())
    register.apply(
      value: .integer(2),
      dot: dot(second, 1),
      lamport: 2,
      context: VersionVector([first: 1])
    )
    #expect(register.heads.map(\.value) == [.integer(2)])
    #expect(!register.hasConflict)
  }

  @Test func `concurrent different values are a conflict`() {
    var register = Register()
    register.apply(value: .integer(1), dot: dot(first, 1), lamport: 5, context: VersionVector())
    register.apply(value: .integer(2), dot: dot(second, 1), lamport: 3, context: VersionVector())
    #expect(register.hasConflict)
    #expect(register.value == .integer(1))
  }

  @Test func `equal heads are kept and are no conflict`() {
    var register = Register()
    register.apply(value: .code("A"), dot: dot(second, 1), lamport: 1, context: VersionVector())
    register.apply(value: .code("A"), dot: dot(first, 1), lamport: 1, context: VersionVector())
    #expect(register.heads.map(\.dot) == [dot(first, 1), dot(second, 1)])
    #expect(!register.hasConflict)
  }

  @Test func `equal Lamport counters are settled by the replica`() {
    let register = Register(heads: [
      Head(dot: dot(second, 1), lamport: 4, value: .integer(2)),
      Head(dot: dot(first, 9), lamport: 4, value: .integer(1)),
    ])
    #expect(register.value == .integer(2))
  }

  @Test func `decimals are compared by their bits`() {
    #expect(Value.decimal(0) != Value.decimal(-0.0))
    #expect(Value.decimal(.nan) == Value.decimal(.nan))
  }

  @Test func `a resolution whose context covers both heads ends the conflict`() {
    var register = Register()
    register.apply(value: .integer(1), dot: dot(first, 1), lamport: 1, context: VersionVector())
    register.apply(value: .integer(2), dot: dot(second, 1), lamport: 1, context: VersionVector())
    register.apply(
      value: .retracted,
      dot: dot(first, 2),
      lamport: 2,
      context: VersionVector([first: 1, second: 1])
    )
    #expect(register.heads.map(\.value) == [.retracted])
  }
}
