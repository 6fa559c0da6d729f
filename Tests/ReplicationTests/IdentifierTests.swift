// SPDX-License-Identifier: Apache-2.0
import Replication
import Testing

struct IdentifierTests {
  @Test func `bytes and hexadecimal digits come back`() {
    let identifier = PatientID(high: 0x0102_0304_0506_0708, low: 0xF0E0_D0C0_B0A0_9080)
    #expect(identifier.description == "0102030405060708f0e0d0c0b0a09080")
    #expect(PatientID(hex: identifier.description) == identifier)
    #expect(PatientID(bytes: identifier.bytes) == identifier)
  }

  @Test(arguments: [
    "", "0102", "0102030405060708F0E0D0C0B0A09080", "g102030405060708f0e0d0c0b0a09080",
    "0102030405060708f0e0d0c0b0a0908", "0102030405060708f0e0d0c0b0a090800",
  ])
  func `other texts are no identifier`(text: String) {
    #expect(ReplicaID(hex: text) == nil)
  }

  @Test func `a version vector never goes back`() {
    let replica = ReplicaID(high: 1, low: 1)
    var vector = VersionVector([replica: 5])
    vector.advance(replica, to: 3)
    #expect(vector[replica] == 5)
    #expect(vector.covers(Dot(replica: replica, sequence: 5)))
    #expect(!vector.covers(Dot(replica: replica, sequence: 6)))
  }

  @Test func `a changeset keeps the last write of an address, in order`() {
    let patient = PatientID(high: 1, low: 1)
    func write(_ field: String, _ number: Int64) -> FieldWrite {
      FieldWrite(
        address: Address(patient: patient, event: "", reader: "", field: field),
        value: .integer(number)
      )
    }
    let changeset = Changeset(
      dot: Dot(replica: ReplicaID(high: 1, low: 1), sequence: 1),
      lamport: 1,
      reason: "entry",
      context: VersionVector(),
      writes: [write("b", 1), write("a", 2), write("b", 3)]
    )
    #expect(changeset.writes == [write("a", 2), write("b", 3)])
  }
}
