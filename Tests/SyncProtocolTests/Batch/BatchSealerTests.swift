// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import SyncProtocol
import TestSupport
import Testing

struct BatchSealerTests {
  private typealias Fixtures = BatchFixtures

  @Test(arguments: Array(UInt64(1)...100))
  func `what is sealed is what is received, bit for bit`(seed: UInt64) throws {
    let changesets = Fixtures.random(seed: seed, changesets: 20, firstSequence: 5)
    let sealed = try Fixtures.seal(changesets, foreign: Fixtures.foreign)
    #expect(sealed.count == 1)
    let received = try ReceivedBatch.decode(sealed[0].bytes)
    #expect(received.batch == sealed[0].batch, "seed \(seed)")
    #expect(received.batch.changesets == changesets, "seed \(seed)")
    try received.verify(publicKey: Fixtures.identity().privateKey.publicKey)
  }

  @Test func `the chain link is the hash of the sealed bytes`() throws {
    let sealed = try Fixtures.seal([Fixtures.changeset(1)])[0]
    #expect(sealed.batch.hash.bytes == Array(SHA256.hash(data: sealed.bytes)))
  }

  @Test func `a first batch carries the public key, a later one none`() throws {
    let first = try ReceivedBatch.decode(Fixtures.seal([Fixtures.changeset(1)])[0].bytes)
    #expect(try first.publicKey == Fixtures.identity().privateKey.publicKey.rawRepresentation)
    let later = try ReceivedBatch.decode(Fixtures.seal([Fixtures.changeset(2)])[0].bytes)
    #expect(later.publicKey.isEmpty)
  }

  @Test func `the context of a changeset is the foreign context and the author's past`() throws {
    let changesets = [7, 8].map { Fixtures.changeset($0, foreign: Fixtures.foreign) }
    let bytes = try Fixtures.seal(changesets, foreign: Fixtures.foreign)[0].bytes
    let batch = try ReceivedBatch.decode(bytes).batch
    #expect(batch.changesets.map { $0.context[Fixtures.author] } == [6, 7])
    #expect(batch.changesets.map { $0.context[Fixtures.other] } == [4, 4])
    #expect(batch.foreignContext == Fixtures.foreign)
  }

  @Test func `more than a batch can hold is cut into a chain of batches`() throws {
    var generator = SeededGenerator(seed: 4)
    let changesets = (1...60).map { sequence in
      Fixtures.changeset(
        UInt64(sequence),
        writes: (0..<1000).map {
          Fixtures.write(.integer(Int64(bitPattern: generator.next())), field: "field_\($0)")
        }
      )
    }
    let sealed = try Fixtures.seal(changesets)
    #expect(sealed.count > 1)
    #expect(sealed.flatMap(\.batch.changesets) == changesets)
    for (batch, next) in zip(sealed, sealed.dropFirst()) {
      #expect(next.batch.previous == batch.batch.hash)
      #expect(next.batch.firstSequence == batch.batch.lastSequence + 1)
    }
    let received = try sealed.map { try ReceivedBatch.decode($0.bytes).batch }
    #expect(received[1].introduced.isEmpty)
    #expect(
      received[1].references == [PatientReference(introducer: Fixtures.author, number: 0)]
    )
    let patient = try #require(received[0].introduced.first)
    #expect(received.map { $0.resolved { _ in patient } } == sealed.map(\.batch))
  }

  @Test(arguments: Array(UInt64(1)...50))
  func `known patients are named by number and come back by id`(seed: UInt64) throws {
    let changesets = Fixtures.random(seed: seed, changesets: 20, firstSequence: 5)
    var references: [PatientID: PatientReference] = [:]
    for patient in UInt64(0)..<9 where (seed >> (patient % 6)) & 1 == 1 {
      references[PatientID(high: patient, low: 9)] = PatientReference(
        introducer: patient.isMultiple(of: 2) ? Fixtures.author : Fixtures.other,
        number: 100 + patient * seed
      )
    }
    let directory = PatientDirectory(references: references, ownCount: 1000)
    let sealed = try Fixtures.seal(
      changesets,
      foreign: Fixtures.foreign,
      directory: directory
    )
    let patients = Dictionary(uniqueKeysWithValues: references.map { ($1, $0) })
    let batch = try ReceivedBatch.decode(sealed[0].bytes).batch
    #expect(batch.resolved { patients[$0] }?.changesets == changesets, "seed \(seed)")
    #expect(Set(batch.introduced).isDisjoint(with: references.keys), "seed \(seed)")
  }

  @Test func `an author out of the context introduces nobody`() throws {
    let changeset = Fixtures.changeset(2)
    let stranger = PatientReference(introducer: Fixtures.other, number: 0)
    let directory = PatientDirectory(
      references: [changeset.writes[0].address.row.patient: stranger]
    )
    let sealed = try Fixtures.seal([changeset], directory: directory)
    #expect(try ReceivedBatch.decode(sealed[0].bytes).batch.references.isEmpty)
  }

  @Test func `a changeset that exceeds a batch alone is refused`() throws {
    let writes = (0..<40_000).map { Fixtures.write(.integer(.max), field: "field_\($0)") }
    let changeset = Fixtures.changeset(1, writes: writes)
    #expect(throws: SyncProtocolError.changesetTooLarge(changeset.dot)) {
      try Fixtures.seal([changeset])
    }
  }

  @Test func `a gap in the sequence is refused`() throws {
    let expected = Dot(replica: Fixtures.author, sequence: 2)
    #expect(throws: SyncProtocolError.sequenceGap(expected: expected)) {
      try Fixtures.seal([Fixtures.changeset(1), Fixtures.changeset(3)])
    }
  }

  @Test func `a context other than the batch's is refused`() throws {
    let changeset = Fixtures.changeset(2, foreign: Fixtures.foreign)
    #expect(throws: SyncProtocolError.contextDiffers(changeset.dot)) {
      try Fixtures.seal([changeset], foreign: [])
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `a number that is not finite is refused`(number: Double) throws {
    let changeset = Fixtures.changeset(1, writes: [Fixtures.write(.decimal(number))])
    #expect(throws: SyncProtocolError.unwritable(changeset.dot, .number)) {
      try Fixtures.seal([changeset])
    }
  }

  @Test func `Lamport counters that do not rise are refused`() throws {
    let second = Fixtures.changeset(2, lamport: 5)
    #expect(throws: SyncProtocolError.unwritable(second.dot, .lamport)) {
      try Fixtures.seal([Fixtures.changeset(1, lamport: 5), second])
    }
  }

  @Test(arguments: ["", "é", "a\n", String(repeating: "x", count: 65)])
  func `a code that is no name is refused`(code: String) throws {
    let changeset = Fixtures.changeset(1, writes: [Fixtures.write(.code(code))])
    #expect(throws: SyncProtocolError.unwritable(changeset.dot, .name)) {
      try Fixtures.seal([changeset])
    }
  }

  @Test func `an import's changes cost a few bytes each`() throws {
    let changesets = (1...500).map { (row: Int) -> Changeset in
      let patient = UInt64(row) &* 0x9E37_79B9_7F4A_7C15
      let writes = (0..<60).map { (field: Int) -> FieldWrite in
        let hundredths = Double((row * 37 + field * 11) % 997)
        return Fixtures.write(
          .decimal(hundredths / 100),
          patient: patient,
          field: "field_\(field)"
        )
      }
      return Fixtures.changeset(UInt64(row), writes: writes)
    }
    let bytes = try Fixtures.seal(changesets).reduce(0) { $0 + $1.bytes.count }
    #expect(Double(bytes) / 30_000 < 2)
  }
}
