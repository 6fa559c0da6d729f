// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Migrations
import Replication
import TestSupport
import Testing

@testable import RegistryDatabase

struct IntroductionsTests {
  private let folder = TemporaryFolder()
  private let tables = ReplicaTables(
    scope: "A",
    decoding: { _ in throw RegistryDatabaseError.brokenLog },
    redacting: { _, _ in nil }
  )

  private func random(_ count: Int, seed: UInt64 = 1) -> [PatientID] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in PatientID.random(using: &generator) }
  }

  private func author(_ low: UInt64, _ db: Database) throws -> LogReplica {
    try LogReplica.make(
      ReplicaID(high: 1, low: low),
      scope: try tables.makeNumber(in: db),
      in: db
    )
  }

  /// Introduces patients as a batch of an author does.
  private func introduce(_ patients: [PatientID], _ low: UInt64, _ db: Database) throws {
    var author = try author(low, db)
    let numbers = PatientNumbers(scope: try tables.makeNumber(in: db), database: db)
    try Introductions(of: author, in: db).add(
      try numbers.introduce(patients),
      from: author.introduced
    )
    author.introduced += Int64(patients.count)
    try author.store(in: db)
  }

  private func names(
    _ patients: [PatientID],
    _ db: Database
  ) throws -> [PatientReference?] {
    let found = try tables.introductions(
      of: Set(patients),
      author: ReplicaID(high: 1, low: 1),
      in: db
    )
    return patients.map { found.references[$0] }
  }

  private func reference(_ low: UInt64, _ number: UInt64) -> PatientReference {
    PatientReference(introducer: ReplicaID(high: 1, low: low), number: number)
  }

  @Test func `a batch's new patients are one row`() throws {
    try folder.database().write { db in
      let patients = random(100)
      try introduce(Array(patients[..<60]), 1, db)
      try introduce(Array(patients[60...]), 1, db)
      let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM log_introduction")
      #expect(rows == 2)
      let found = try names(patients, db)
      let expected = (0..<100).map { reference(1, $0) }
      #expect(found == expected)
    }
  }

  @Test func `each number names the patient that it was given to`() throws {
    try folder.database().write { db in
      let old = random(10)
      try introduce(old, 1, db)
      let mixed = [old[3]] + random(5, seed: 2) + [old[7], old[8]] + random(2, seed: 3)
      try introduce(mixed, 2, db)
      let introductions = Introductions(of: try author(2, db), in: db)
      let numbers = PatientNumbers(scope: try tables.makeNumber(in: db), database: db)
      for (number, patient) in mixed.enumerated() {
        let named = try introductions.patient(UInt64(number))
        let expected = try numbers.find(patient)
        #expect(named == expected)
      }
      let beyond = try introductions.patient(UInt64(mixed.count))
      #expect(beyond == nil)
    }
  }

  @Test func `a patient whom two introduced is named after the first`() throws {
    try folder.database().write { db in
      let patients = random(4)
      try introduce(patients, 1, db)
      try introduce([patients[2]] + random(1, seed: 2) + [patients[2]], 2, db)
      let found = try names(patients, db)
      let expected = (0..<4).map { reference(1, $0) }
      #expect(found == expected)
      let all = try Introductions.all(of: 3, in: db).map(\.number)
      #expect(all == [2, 0, 2])
    }
  }

  @Test func `when the first leaves the log the second names the patient`() throws {
    try folder.database().write { db in
      let patients = random(4)
      try introduce(patients, 1, db)
      try introduce([patients[2]], 2, db)
      try Introductions(of: try author(1, db), in: db).remove(from: 0)
      let found = try names(patients, db)
      #expect(found == [nil, nil, reference(2, 0), nil])
    }
  }

  @Test func `patients of a store of the first schema keep numbers and introducers`() throws {
    let path = folder.path + "/old.sqlite"
    try FileManager.default.createDirectory(
      atPath: folder.path,
      withIntermediateDirectories: true
    )
    let patients = random(3)
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in
      let first = try #require(Migrations.named(["replica"]).first)
      try db.execute(sql: first.sql)
      try db.execute(
        sql: """
          CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
          INSERT INTO grdb_migrations VALUES ('\(first.name)');
          INSERT INTO log_scope (id, code, digest) VALUES (1, 'A', zeroblob(4096));
          """
      )
      for low in UInt64(1)...2 {
        try db.execute(
          sql: "INSERT INTO log_replica VALUES (?, 1, ?, 1, zeroblob(32), 2)",
          arguments: [Int64(low), Data(ReplicaID(high: 1, low: low).bytes)]
        )
      }
      // The first author has the patients in another order; the second introduced one of them too.
      for (index, patient) in patients.enumerated() {
        try db.execute(
          sql: "INSERT INTO head_patient VALUES (?, 1, ?)",
          arguments: [index + 1, Data(patient.bytes)]
        )
        try db.execute(
          sql: "INSERT INTO log_introduced VALUES (1, ?, ?)",
          arguments: [2 - index, index + 1]
        )
        try db.execute(
          sql: "INSERT INTO head_row VALUES (?, '', '', 0, x'010000')",
          arguments: [index + 1]
        )
      }
      try db.execute(sql: "INSERT INTO log_introduced VALUES (2, 0, 3)")
    }
    try queue.close()
    let database = try RegistryDatabase.open(path: path, migrations: ["replica"])
    try database.read { db in
      let found = try names(patients, db)
      #expect(found == [reference(1, 2), reference(1, 1), reference(1, 0)])
      let stored = try tables.patients(in: db)
      #expect(stored == patients.sorted())
    }
    #expect(try database.integrityFindings() == [])
  }
}
