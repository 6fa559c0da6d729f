// SPDX-License-Identifier: Apache-2.0
import GRDB

/// The pragmas that an acknowledged write rests on.
enum DurabilitySettings {
  /// What can be set on every connection as it opens.
  static func prepare(_ database: Database) throws {
    try database.execute(sql: "PRAGMA mmap_size = 0")
    // What is deleted is overwritten: erased values must not lie on in free pages.
    try database.execute(sql: "PRAGMA secure_delete = ON")
    // Ignored where the system has no such call.
    try database.execute(sql: "PRAGMA fullfsync = 1")
    try database.execute(sql: "PRAGMA checkpoint_fullfsync = 1")
  }

  /// What must be set after the pool has opened, because it resets `synchronous` to NORMAL itself.
  static func apply(to pool: DatabasePool) throws {
    try pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
        throw RegistryDatabaseError.settingNotInEffect(name: "synchronous")
      }
      guard try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal" else {
        throw RegistryDatabaseError.settingNotInEffect(name: "journal_mode")
      }
      guard try Int.fetchOne(database, sql: "PRAGMA mmap_size") ?? 0 == 0 else {
        throw RegistryDatabaseError.settingNotInEffect(name: "mmap_size")
      }
    }
  }
}
