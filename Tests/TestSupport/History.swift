// SPDX-License-Identifier: Apache-2.0

package import Replication

/// A stand-in for SHA-256: distinct batches get distinct links.
package func testHash(_ batch: Batch) -> BatchHash {
  var generator = SeededGenerator(
    seed: batch.replica.low ^ batch.firstSequence << 32 ^ UInt64(batch.changesets.count) << 48
  )
  for byte in batch.previous.bytes {
    generator = SeededGenerator(seed: generator.next() ^ UInt64(byte))
  }
  for changeset in batch.changesets {
    for write in changeset.writes {
      var seed = generator.next() ^ write.address.row.patient.low
      for byte in write.address.field.utf8 { seed = seed &* 31 &+ UInt64(byte) }
      if case .integer(let number) = write.value { seed ^= UInt64(bitPattern: number) << 8 }
      generator = SeededGenerator(seed: seed)
    }
  }
  return BatchHash(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    ?? .none
}

/// A few replicas of one site that write, seal and exchange batches at random.
package struct History {
  /// The replicas as they stand at the end.
  package var replicas: [ReplicaState]

  /// All batches ever sealed, in the order of sealing.
  package private(set) var batches: [Batch] = []

  /// Lives one history.
  package init(seed: UInt64, site: String = "A", replicas count: Int, steps: Int = 40) {
    var generator = SeededGenerator(seed: seed)
    replicas = (0..<count).map { _ in
      ReplicaState(replica: .random(using: &generator), site: site)
    }
    let patients = (0..<3).map { _ in PatientID.random(using: &generator) }
    for _ in 0..<steps {
      let index = Int.random(in: 0..<count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0, 1: write(at: index, patients: patients, using: &generator)
      case 2: seal(at: index)
      default:
        seal(at: index)
        let other = Int.random(in: 0..<count, using: &generator)
        if other != index { replicas[index].merge(replicas[other]) }
      }
    }
    for index in replicas.indices { seal(at: index) }
  }

  private mutating func write(
    at index: Int,
    patients: [PatientID],
    using generator: inout SeededGenerator
  ) {
    let writes = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      FieldWrite(
        address: Address(
          patient: patients[Int.random(in: 0..<patients.count, using: &generator)],
          event: Bool.random(using: &generator) ? "week8" : "",
          reader: "",
          field: ["alpha", "beta", "gamma"][Int.random(in: 0..<3, using: &generator)]
        ),
        value: Self.value(using: &generator)
      )
    }
    replicas[index].save(writes)
  }

  private mutating func seal(at index: Int) {
    if let batch = replicas[index].seal(hash: testHash) { batches.append(batch) }
  }

  private static func value(using generator: inout SeededGenerator) -> Value {
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: .decimal(Double(bitPattern: generator.next() & 0x7fef_ffff_ffff_ffff))
    case 1: .decimal(Double.random(in: 0..<4, using: &generator).rounded())
    case 2: .code("PR")
    case 3: .boolean(Bool.random(using: &generator))
    case 4: .day(Int32.random(in: -9..<200, using: &generator))
    case 5: .missing(.notKnown)
    case 6: .retracted
    case 7: .patient(PatientID(high: 1, low: 2))
    default: .integer(Int64.random(in: -2..<3, using: &generator))
    }
  }
}

extension ReplicaState {
  /// Seals what was saved; a test that saved nothing is wrong.
  package mutating func sealed() throws -> Batch {
    guard let batch = seal(hash: testHash) else { throw NothingSaved() }
    return batch
  }
}

/// A test sealed before it saved.
struct NothingSaved: Error {}
