// SPDX-License-Identifier: Apache-2.0

import GRDB
import RegistryDatabase

/// The embedded store: one SQLite file, one writer at a time across processes.
public struct SQLiteCenterStore: CenterStore {
  private let database: RegistryDatabase

  /// Opens the store, creating it and its tables when they are not there.
  ///
  /// - Throws: `CenterError.inUse` or `.storage`.
  public static func open(path: String) throws(CenterError) -> SQLiteCenterStore {
    do {
      return SQLiteCenterStore(
        database: try RegistryDatabase.open(path: path, migrations: ["replica", "center"])
      )
    } catch { throw failure(error) }
  }

  private init(database: RegistryDatabase) { self.database = database }

  /// Writes a whole, consistent copy to a new file with mode 0600, beside any reader and writer.
  ///
  /// - Throws: `CenterError.storage`, also when the file is there already.
  public func copy(to path: String) throws(CenterError) {
    do {
      try database.copy(to: path)
    } catch { throw Self.failure(error) }
  }

  /// Moves everything that was written into the file itself, so that the file alone is the store.
  ///
  /// - Throws: `CenterError.inUse` or `.storage`.
  public func checkpoint() throws(CenterError) {
    do {
      try database.checkpoint()
    } catch { throw Self.failure(error) }
  }

  /// Writes the file anew, so that nothing that was deleted is left in it.
  ///
  /// - Throws: `CenterError.inUse` or `.storage`.
  public func compact() throws(CenterError) {
    do {
      try database.compact()
    } catch { throw Self.failure(error) }
  }

  /// What is broken in the file itself; empty when it is whole.
  ///
  /// - Throws: `CenterError.storage`.
  public func integrityFindings() throws(CenterError) -> [String] {
    do {
      return try database.integrityFindings()
    } catch { throw Self.failure(error) }
  }

  /// Runs a body in one transaction under the store's lock.
  public func write<Result: Sendable>(
    _ body: (any CenterWriting) throws -> Result
  ) throws(CenterError) -> Result {
    do {
      return try database.write { try body(SQLiteCenterTransaction(database: $0)) }
    } catch { throw Self.failure(error) }
  }

  /// Runs a body on a snapshot.
  public func read<Result: Sendable>(
    _ body: (any CenterReading) throws -> Result
  ) throws(CenterError) -> Result {
    do {
      return try database.read { try body(SQLiteCenterTransaction(database: $0)) }
    } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> CenterError {
    if let known = error as? CenterError { return known }
    if case .inUse = error as? RegistryDatabaseError { return .inUse }
    if case .newerVersion = error as? RegistryDatabaseError { return .newerVersion }
    // The text of a database error names tables and results, never bound values.
    if let error = error as? DatabaseError {
      return .storage("SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "")")
    }
    if let error = error as? RegistryDatabaseError { return .storage(error.reason) }
    return .storage("\(error)")
  }
}

/// One transaction of the embedded store.
struct SQLiteCenterTransaction: CenterWriting {
  let database: Database
}
