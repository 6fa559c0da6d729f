// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication
import SyncProtocol
import Testing

struct ChangesetCodecTests {
  @Test(arguments: Array(UInt64(1)...100))
  func `a pending changeset comes back bit for bit`(seed: UInt64) throws {
    for changeset in BatchFixtures.random(seed: seed, changesets: 5, firstSequence: 1) {
      let bytes = try ChangesetCodec.encode(changeset)
      #expect(try ChangesetCodec.decode(bytes) == changeset, "seed \(seed)")
    }
  }

  @Test func `cut and lengthened bytes are refused`() throws {
    let bytes = try ChangesetCodec.encode(BatchFixtures.changeset(3))
    for length in 0..<bytes.count {
      #expect(throws: SyncProtocolError.self) { try ChangesetCodec.decode(bytes.prefix(length)) }
    }
    #expect(throws: SyncProtocolError.self) { try ChangesetCodec.decode(bytes + [0]) }
  }

  @Test func `a changeset without writes is refused`() {
    let empty = BatchFixtures.changeset(1, writes: [])
    #expect(throws: SyncProtocolError.unwritable(empty.dot, .counts)) {
      try ChangesetCodec.encode(empty)
    }
  }

  @Test func `the check at a save takes what can be encoded, and nothing else`() {
    let good = BatchFixtures.random(seed: 1, changesets: 1, firstSequence: 1)[0]
    let link = PatientID(high: .max, low: 1)
    let values: [Value] = [
      .integer(1), .decimal(.nan), .decimal(2.5), .code(""), .code("é"), .code("yes"),
      .patient(link), .patient(PatientID(high: 1, low: 1)), .missing(.notDone), .retracted,
    ]
    let names = ["", "week8", "é", String(repeating: "n", count: 65)]
    var cases = [good, BatchFixtures.changeset(1, writes: [])]
    for patient in [link, PatientID(high: 1, low: 2)] {
      for name in names {
        for value in values {
          let row = RowAddress(patient: patient, event: name, reader: "")
          let write = FieldWrite(address: Address(row: row, field: "f"), value: value)
          cases.append(BatchFixtures.changeset(1, writes: [write]))
        }
        let row = RowAddress(patient: patient, event: "", reader: "")
        let write = FieldWrite(address: Address(row: row, field: name), value: .integer(1))
        cases.append(BatchFixtures.changeset(1, writes: [write]))
      }
    }
    for changeset in cases {
      let isEncoded = (try? ChangesetCodec.encode(changeset)) != nil
      let isSealable = (try? BatchSealer.checkSealable(changeset)) != nil
      #expect(isEncoded == isSealable, "\(changeset.writes)")
    }
  }

  @Test func `a changeset beyond a batch is refused at the save`() {
    let writes = (0..<1000).map { number in
      func name(_ letter: Character) -> String {
        let digits = String(number)
        return String(repeating: letter, count: 64 - digits.utf8.count) + digits
      }
      let row = RowAddress(patient: PatientID(high: 1, low: 2), event: name("e"), reader: name("r"))
      return FieldWrite(address: Address(row: row, field: name("f")), value: .code(name("c")))
    }
    let changeset = BatchFixtures.changeset(1, writes: writes)
    #expect(throws: SyncProtocolError.changesetTooLarge(changeset.dot)) {
      try BatchSealer.checkSealable(changeset)
    }
  }
}
