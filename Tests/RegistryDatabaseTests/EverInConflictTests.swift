// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication
import TestSupport
import Testing

@testable import RegistryDatabase

/// What the stored log says of conflicts, against the definition.
struct EverInConflictTests {
  private func found(
    _ tables: ReplicaTables,
    in database: RegistryDatabase
  ) throws -> [Address] {
    try database.read { try tables.everInConflict(uniting: [:], exceptFor: "", in: $0) }
  }

  @Test func `shuffled batches give what the definition says`() throws {
    let folder = TemporaryFolder()
    let database = try folder.database()
    for seed in (0..<100).map({ SeededGenerator.seed &+ $0 }) {
      let site = "S\(seed)"
      let history = History(seed: seed, site: site, replicas: 2 + Int(seed % 3))
      var generator = SeededGenerator(seed: seed ^ 0xE7E2)
      let tables = tables(site, decoding: history.batches)
      try database.write { db in
        for batch in history.batches.shuffled(using: &generator) {
          _ = try tables.admit(batch, bytes: bytes(batch), in: db)
        }
      }
      let found = try found(tables, in: database)
      let expected = addressesEverInConflict(history.batches)
      #expect(found == expected, "reproduce with LOBULE_SEED=\(seed)")
    }
  }

  @Test func `erasure by law takes the patient's conflicts away`() throws {
    let folder = TemporaryFolder()
    let database = try folder.database()
    let patients = [PatientID(high: 1, low: 1), PatientID(high: 2, low: 2)]
    var batches: [Batch] = []
    for author in UInt64(1)...2 {
      var replica = ReplicaState(replica: ReplicaID(high: 5, low: author), site: "A")
      for patient in patients {
        let address = Address(patient: patient, event: "", reader: "", field: "alpha")
        replica.save([FieldWrite(address: address, value: .integer(Int64(author)))])
      }
      batches.append(try replica.sealed())
      guard author == 2 else { continue }
      replica.save([FieldWrite(address: .erasure(of: patients[0]), value: .erased)])
      batches.append(try replica.sealed())
    }
    let tables = tables("A", decoding: batches)
    try database.write { db in
      for batch in batches.dropLast() { _ = try tables.admit(batch, bytes: bytes(batch), in: db) }
    }
    #expect(try found(tables, in: database).map(\.row.patient) == patients)
    try database.write { _ = try tables.admit(batches[2], bytes: bytes(batches[2]), in: $0) }
    #expect(try found(tables, in: database).map(\.row.patient) == [patients[1]])
  }
}
