// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
import Migrations

/// An SQLite file with this project's rules of durability.
///
/// Write-ahead log, `synchronous=FULL`, no memory map, one writer per process, and an advisory
/// lock on `<path>.lock` around every write transaction and checkpoint, so that a served page and
/// a command can run side by side. Files are 0600; a folder that had to be made is 0700. A write
/// is acknowledged by returning, after its COMMIT.
public final class RegistryDatabase: Sendable {
  private let pool: DatabasePool
  private let lock: FileLock
  /// The path of the file.
  public let path: String

  /// Opens a database, making it and its folder when they are not there, and migrates it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - prefixes: Which migrations it has, in this order, such as `["replica", "site"]`.
  ///   - lockLimitMilliseconds: How long to wait for the lock.
  /// - Returns: The open database.
  /// - Throws: `RegistryDatabaseError`.
  public static func open(
    path: String,
    migrations prefixes: [String],
    lockLimitMilliseconds: Int = 10_000
  ) throws(RegistryDatabaseError) -> RegistryDatabase {
    do {
      try PrivateFiles.prepare(path)
      let lock = try FileLock(path: path + ".lock", limitMilliseconds: lockLimitMilliseconds)
      return try lock.hold {
        let pool = try DatabasePool(path: path, configuration: configuration)
        try DurabilitySettings.apply(to: pool)
        try migrate(pool, prefixes)
        try pool.writeWithoutTransaction(PageCache.fit)
        return RegistryDatabase(pool: pool, lock: lock, path: path)
      }
    } catch let error as RegistryDatabaseError {
      throw error
    } catch let error as DatabaseError {
      throw .database(code: error.extendedResultCode.rawValue)
    } catch {
      throw .cannotOpen(path: path, code: 0)
    }
  }

  private init(pool: DatabasePool, lock: FileLock, path: String) {
    self.pool = pool
    self.lock = lock
    self.path = path
  }

  deinit {
    // Closing the last connection checkpoints, which needs the lock. When it cannot be had the
    // log simply stays for the next opening.
    try? lock.hold { try pool.close() }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "lobule"
    configuration.busyMode = .timeout(10)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { database in
      try DurabilitySettings.prepare(database)
    }
    return configuration
  }

  private static func migrate(_ pool: DatabasePool, _ prefixes: [String]) throws {
    var migrator = DatabaseMigrator()
    for migration in Migrations.named(prefixes) {
      migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
    }
    guard try pool.read(migrator.hasBeenSuperseded) == false else {
      throw RegistryDatabaseError.newerVersion
    }
    if try pool.read(migrator.hasCompletedMigrations) == false { try migrator.migrate(pool) }
  }
}

extension RegistryDatabase {
  /// Runs one write transaction under the lock; when the body throws, nothing is written.
  ///
  /// - Throws: `RegistryDatabaseError.inUse`, what SQLite reports, and what the body throws.
  public func write<T>(_ body: (Database) throws -> T) throws -> T {
    try underLock { database in
      try database.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
      do {
        let result = try body(database)
        try database.cachedStatement(sql: "COMMIT").execute()
        return result
      } catch {
        // Some errors have ended the transaction already.
        if database.isInsideTransaction { try? database.rollback() }
        throw error
      }
    }
  }

  /// Reads one consistent state, beside any writer.
  ///
  /// - Throws: What SQLite reports, and what the body throws.
  public func read<T>(_ body: (Database) throws -> T) throws -> T { try pool.read(body) }

  /// Reads with single statements, each of which sees one consistent state by itself.
  ///
  /// They run between this process' writes, on the same connection: its page cache outlives its
  /// own commits, where that of another connection would be read anew after each.
  ///
  /// - Throws: What SQLite reports, and what the body throws.
  public func readStatements<T>(_ body: (Database) throws -> T) throws -> T {
    try pool.writeWithoutTransaction(body)
  }

  /// Moves the write-ahead log into the file and empties it, under the lock.
  public func checkpoint() throws {
    try underLock { _ = try $0.checkpoint(.truncate) }
  }

  /// Writes the file anew without free space, and empties the write-ahead log, under the lock.
  ///
  /// It takes the size of the database in free room on the disk for a while.
  public func compact() throws {
    try underLock { database in
      try database.execute(sql: "VACUUM")
      _ = try database.checkpoint(.truncate)
    }
  }

  /// Writes a whole, consistent copy to a new file with mode 0600, under the lock.
  ///
  /// The copy is on the disk when this returns: SQLite itself does not flush it.
  ///
  /// - Throws: `RegistryDatabaseError.cannotOpen` when the file exists already.
  public func copy(to target: String) throws {
    try PrivateFiles.createNew(target)
    try underLock { try $0.execute(sql: "VACUUM INTO ?", arguments: [target]) }
    try PrivateFiles.flush(target)
    try PrivateFiles.flush(PrivateFiles.folder(of: target))
  }

  /// Waits for the writing connection first, so that one thread at a time asks for the lock.
  private func underLock<T>(_ body: (Database) throws -> T) throws -> T {
    try pool.writeWithoutTransaction { database in
      try lock.hold { try body(database) }
    }
  }

  /// What SQLite finds broken in the file; empty when it is whole.
  public func integrityFindings() throws -> [String] {
    try pool.read { database in
      let findings = try String.fetchAll(database, sql: "PRAGMA integrity_check(20)")
      let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
        "a row of \(row["table"] as String? ?? "a table") refers to nothing"
      }
      return findings.filter { $0 != "ok" } + orphans.prefix(20)
    }
  }
}
