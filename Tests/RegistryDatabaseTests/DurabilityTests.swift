// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import RegistryDatabase
import Replication
import Testing

struct DurabilityTests {
  private let folder = TemporaryFolder()

  @Test func `commits wait for the disk, nothing is mapped and the log is write-ahead`() throws {
    let database = try folder.database()
    try database.write { db in
      let numbers = try ["synchronous", "mmap_size", "foreign_keys"].map {
        try Int.fetchOne(db, sql: "PRAGMA \($0)")
      }
      #expect(numbers == [2, 0, 1])
      let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
      #expect(mode == "wal")
    }
    let mapped = try database.read { try Int.fetchOne($0, sql: "PRAGMA mmap_size") }
    #expect(mapped == 0)
  }

  @Test func `files are for their owner alone`() throws {
    let database = try folder.database()
    try save(1, in: database)
    #expect(try folder.mode("/store") == 0o700)
    for name in ["", "-wal", "-shm", ".lock"] {
      #expect(try folder.mode("/store/registry.db" + name) == 0o600, "registry.db\(name)")
    }
    try database.copy(to: folder.path + "/copy.db")
    #expect(try folder.mode("/copy.db") == 0o600)
  }

  @Test func `a write is in the files when it returns`() throws {
    let database = try folder.database()
    try save(1, in: database)
    // What a killed process leaves behind: the files as they are, neither closed nor checkpointed.
    let left = folder.path + "/left"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    for name in ["registry.db", "registry.db-wal"] {
      try FileManager.default.copyItem(
        atPath: folder.path + "/store/" + name,
        toPath: left + "/" + name
      )
    }
    let after = try RegistryDatabase.open(path: left + "/registry.db", migrations: ["replica"])
    let vector = try after.read { try tables("A", decoding: []).appliedVector(in: $0) }
    #expect(vector == VersionVector([ReplicaID(high: 1, low: 1): 1]))
    #expect(try after.integrityFindings().isEmpty)
  }

  @Test func `a body that throws leaves nothing`() throws {
    let database = try folder.database()
    #expect(throws: RegistryDatabaseError.brokenLog) {
      try database.write { db in
        try tables("A", decoding: []).applyLocal([changeset(1)], in: db)
        throw RegistryDatabaseError.brokenLog
      }
    }
    #expect(
      try database.read { try tables("A", decoding: []).appliedVector(in: $0) } == VersionVector()
    )
  }

  @Test func `a held lock is reported as in use after the bound, and reading goes on`() throws {
    let database = try folder.database(30)
    try save(1, in: database)
    let descriptor = open(folder.path + "/store/registry.db.lock", O_RDWR)
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: RegistryDatabaseError.inUse) { try save(2, in: database) }
    #expect(throws: RegistryDatabaseError.inUse) { try database.checkpoint() }
    #expect(try database.read { try tables("A", decoding: []).lamport(in: $0) } == 1)
    close(descriptor)
    try save(2, in: database)
  }

  @Test func `nobody else gets the lock while a write goes on, not even to share it`() throws {
    let database = try folder.database(30)
    try database.write { _ in
      let descriptor = open(folder.path + "/store/registry.db.lock", O_RDWR)
      defer { close(descriptor) }
      #expect(flock(descriptor, LOCK_SH | LOCK_NB) != 0)
    }
  }

  @Test func `a lock file that was taken away still excludes`() throws {
    let database = try folder.database(30)
    try save(1, in: database)
    let path = folder.path + "/store/registry.db.lock"
    try FileManager.default.removeItem(atPath: path)
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: RegistryDatabaseError.inUse) { try save(2, in: database) }
    close(descriptor)
    try save(2, in: database)
  }

  @Test func `two openings take turns and lose no write`() async throws {
    let first = try folder.database()
    let second = try folder.database()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for database in [first, second] {
        group.addTask {
          for _ in 0..<25 {
            try database.write { db in
              let own = tables("A", decoding: [])
              let next = try own.appliedVector(in: db)[ReplicaID(high: 1, low: 1)] + 1
              try own.applyLocal([changeset(next)], in: db)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try first.read { try tables("A", decoding: []).lamport(in: $0) } == 50)
  }

  @Test func `a file of a newer program is refused`() throws {
    let path = folder.path + "/store/registry.db"
    do {
      let database = try folder.database()
      try database.write {
        try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('replica_9999_future')")
      }
    }
    #expect(throws: RegistryDatabaseError.newerVersion) {
      try RegistryDatabase.open(path: path, migrations: ["replica"])
    }
  }

  @Test func `opening again finds everything`() throws {
    try save(1, in: folder.database())
    let again = try folder.database()
    #expect(try again.read { try tables("A", decoding: []).lamport(in: $0) } == 1)
  }

  private func save(_ sequence: UInt64, in database: RegistryDatabase) throws {
    try database.write {
      try tables("A", decoding: []).applyLocal([changeset(sequence)], in: $0)
    }
  }
}

private func changeset(_ sequence: UInt64) -> Changeset {
  let author = ReplicaID(high: 1, low: 1)
  return Changeset(
    dot: Dot(replica: author, sequence: sequence),
    lamport: sequence,
    reason: "entry",
    context: VersionVector([author: sequence - 1]),
    writes: [write("alpha", Int64(sequence))]
  )
}
