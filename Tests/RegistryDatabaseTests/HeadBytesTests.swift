// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import TestSupport
import Testing

@testable import RegistryDatabase

struct HeadBytesTests {
  @Test func `packed rows come back bit for bit`() throws {
    for seed in UInt64(1)...200 {
      let history = History(seed: seed, site: "A", replicas: 3)
      for row in history.replicas[0].rows.values {
        #expect(PackedRow.decode(PackedRow.encode(row)) == row, "seed \(seed)")
      }
    }
  }

  @Test func `cut or lengthened rows are broken`() throws {
    let row = try #require(History(seed: 3, site: "A", replicas: 2).replicas[0].rows.values.first)
    let packed = PackedRow.encode(row)
    for length in 0..<packed.count {
      #expect(PackedRow.decode(Array(packed.prefix(length))) == nil)
    }
    #expect(PackedRow.decode(packed + [0]) == nil)
  }

  @Test func `packed changesets come back bit for bit, and cut ones are broken`() throws {
    for seed in UInt64(1)...100 {
      for changeset in History(seed: seed, site: "A", replicas: 3).batches.flatMap(\.changesets) {
        let packed = PackedChangeset.encode(changeset)
        let (dot, lamport) = (changeset.dot, changeset.lamport)
        #expect(
          PackedChangeset.decode(packed, dot: dot, lamport: lamport) == changeset,
          "seed \(seed)"
        )
        let cut = Array(packed.dropLast())
        #expect(
          PackedChangeset.decode(cut, dot: dot, lamport: lamport) == nil,
          "seed \(seed)"
        )
      }
    }
  }

  @Test func `the digest is that of its definition`() throws {
    let address = Address(
      patient: PatientID(high: 1, low: 2),
      event: "week8",
      reader: "consensus",
      field: "adc"
    )
    let dot = Dot(replica: ReplicaID(high: 3, low: 4), sequence: 5)
    var register = Register()
    register.apply(value: .decimal(1.25), dot: dot, lamport: 9, context: VersionVector())
    let place =
      address.row.patient.bytes + [0, 5] + Array("week8".utf8) + [0, 9] + Array("consensus".utf8)
      + [0, 3] + Array("adc".utf8)
    let value: [UInt8] = [1, 0x3F, 0xF4, 0, 0, 0, 0, 0, 0]
    let term = SHA256.hash(data: place + dot.replica.bytes + [0, 0, 0, 0, 0, 0, 0, 5] + value)
    var buckets = [UInt8](repeating: 0, count: 4096)
    let bucket = Int(address.row.patient.bytes[0])
    buckets.replaceSubrange(16 * bucket..<16 * bucket + 16, with: Array(term).prefix(16))
    var digest = StateDigest()
    digest.replace(Register(), by: register, at: address)
    #expect(digest.bytes == buckets)
    #expect(digest.root == Array(SHA256.hash(data: buckets)))
    digest.replace(register, by: Register(), at: address)
    #expect(digest == StateDigest())
  }

  @Test func `bucket bytes come back`() {
    let digest = StateDigest(of: History(seed: 5, site: "A", replicas: 2).replicas[1].rows)
    #expect(StateDigest(bytes: digest.bytes) == digest)
    #expect(StateDigest(bytes: [0]) == nil)
  }
}
