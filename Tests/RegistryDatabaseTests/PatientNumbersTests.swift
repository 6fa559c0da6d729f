// SPDX-License-Identifier: Apache-2.0
import GRDB
import Replication
import TestSupport
import Testing

@testable import RegistryDatabase

struct PatientNumbersTests {
  private let folder = TemporaryFolder()

  private func random(_ count: Int, seed: UInt64 = 1) -> [PatientID] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in PatientID.random(using: &generator) }
  }

  /// Runs a body on the numbers of a new scope.
  private func withNumbers(_ body: (PatientNumbers, Database) throws -> Void) throws {
    try folder.database().write { db in
      let scope = try tables("A", decoding: []).makeNumber(in: db)
      try body(PatientNumbers(scope: scope, database: db), db)
    }
  }

  /// Settles all, however few they are.
  private func settle(_ db: Database) throws {
    try db.execute(sql: "UPDATE head_patient_state SET through = -1000000")
    var filter = try PatientFilter(in: db)
    try filter.settleRecent(limit: 0)
  }

  @Test func `new patients get rising numbers in their order`() throws {
    try withNumbers { numbers, _ in
      let entries = try numbers.introduce(random(50))
      let given = entries.map(\.number)
      #expect(given == Array(1...50))
      let areFresh = entries.allSatisfy { $0.isFresh }
      #expect(areFresh)
    }
  }

  @Test(arguments: [false, true])
  func `patients that are there keep their numbers`(areSettled: Bool) throws {
    try withNumbers { numbers, db in
      let old = random(40)
      let made = try numbers.introduce(old).map(\.number)
      if areSettled { try settle(db) }
      let new = random(40, seed: 2)
      let mixed = zip(new, old).flatMap { [$0, $1] }
      let entries = try numbers.introduce(mixed)
      let kept = stride(from: 1, to: 80, by: 2).map { entries[$0].number }
      #expect(kept == made)
      let fresh = entries.indices.filter { entries[$0].isFresh }
      #expect(fresh == Array(stride(from: 0, to: 80, by: 2)))
      let found = try mixed.map { try numbers.find($0) }
      let given = entries.map(\.number)
      #expect(found == given)
      let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM head_patient")
      #expect(count == 80)
    }
  }

  @Test func `a patient that is named twice is made once`() throws {
    try withNumbers { numbers, db in
      let patient = random(1)[0]
      let entries = try numbers.introduce([patient, patient])
      #expect(entries[0].number == entries[1].number)
      #expect(entries[0].isFresh && !entries[1].isFresh)
      let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM head_patient")
      #expect(count == 1)
    }
  }

  @Test func `the same patient has a number in each scope`() throws {
    try withNumbers { numbers, db in
      let other = try tables("B", decoding: []).makeNumber(in: db)
      let patients = random(10)
      let first = try numbers.introduce(patients).map(\.number)
      try settle(db)
      let second = try PatientNumbers(scope: other, database: db).introduce(patients)
      let shared = Set(first).intersection(second.map(\.number))
      #expect(shared.isEmpty)
      let areFresh = second.allSatisfy { $0.isFresh }
      #expect(areFresh)
    }
  }

  @Test func `the filter holds every settled patient and few others`() throws {
    try withNumbers { numbers, db in
      var settled: [PatientID] = []
      // Made, marked and made anew as it fills.
      for round in 0..<6 {
        let more = random(400, seed: UInt64(round))
        _ = try numbers.introduce(more)
        try settle(db)
        settled += more
        var filter = try PatientFilter(in: db)
        let missed = try settled.sorted().filter { try !filter.mayHold($0) }
        #expect(missed.isEmpty, "round \(round)")
      }
      var filter = try PatientFilter(in: db)
      let others = try random(2000, seed: 99).sorted().filter { try filter.mayHold($0) }
      #expect(others.count < 200)
    }
  }

  @Test func `ids that are not random are found all the same`() throws {
    try withNumbers { numbers, db in
      let patients = (0..<100).map { PatientID(high: 0, low: $0) }
      let made = try numbers.introduce(patients).map(\.number)
      try settle(db)
      let again = try numbers.introduce(patients).map(\.number)
      #expect(again == made)
    }
  }

  @Test func `few recent patients do not settle`() throws {
    try withNumbers { numbers, db in
      _ = try numbers.introduce(random(100))
      var filter = try PatientFilter(in: db)
      try filter.settleRecent(limit: 100)
      #expect(filter.isEmpty)
      _ = try numbers.introduce(random(1, seed: 2))
      try filter.settleRecent(limit: 100)
      #expect(!filter.isEmpty)
    }
  }

  @Test func `more are recent where more are settled`() throws {
    try withNumbers { numbers, db in
      _ = try numbers.introduce(random(100))
      try settle(db)
      // 64 times the root of 100.
      _ = try numbers.introduce(random(640, seed: 2))
      var filter = try PatientFilter(in: db)
      try filter.settleRecent(limit: 1)
      let recent = try Int.fetchOne(db, sql: "SELECT count(*) FROM head_patient_recent")
      #expect(recent == 640)
      _ = try numbers.introduce(random(1, seed: 3))
      try filter.settleRecent(limit: 1)
      let left = try Int.fetchOne(db, sql: "SELECT count(*) FROM head_patient_recent")
      #expect(left == 0)
    }
  }
}
