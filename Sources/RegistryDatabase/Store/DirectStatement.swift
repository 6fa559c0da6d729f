// SPDX-License-Identifier: Apache-2.0
package import Foundation
package import GRDB
import GRDBSQLite
package import Replication

/// A value for one placeholder of a `DirectStatement`.
package enum DirectValue {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
  case data(Data)
  /// UTF-8 that is stored as text.
  case utf8([UInt8])
}

extension DirectValue {
  /// The 16 bytes of an identifier.
  package static func identifier<Tag>(_ identifier: Identifier128<Tag>) -> Self {
    .bytes(identifier.bytes)
  }

  /// A sequence, counter or other number that never exceeds 63 bits.
  package static func number(_ number: UInt64) -> Self { .integer(Int64(clamping: number)) }
}

/// A statement of the connection's cache, bound and stepped without conversion of values.
///
/// For the statements that every save and every row of an import runs: there the conversion costs
/// more than SQLite. The cache owns the C statement and finalises it with the connection; values
/// are copied when bound, and a row's bytes are read before the next step. It must not outlive the
/// access to the database in which it was made, and changes no transaction or schema.
package struct DirectStatement {
  private let statement: Statement
  private let database: Database

  /// Takes a statement from the cache, prepared when it is not there yet or is being read.
  package init(_ sql: String, in database: Database) throws {
    let cached = try database.cachedStatement(sql: sql)
    let isFree = sqlite3_stmt_busy(cached.sqliteStatement) == 0
    statement = isFree ? cached : try database.makeStatement(sql: sql)
    self.database = database
  }

  /// Runs to the end; rows are dropped.
  package func run(_ values: DirectValue...) throws {
    try each(values) { _ in true }
  }

  /// Reads the first row, if there is one.
  package func first<T>(
    _ values: DirectValue...,
    read: (DirectRow) throws -> T
  ) throws -> T? {
    var result: T?
    try each(values) { row in
      result = try read(row)
      return false
    }
    return result
  }

  /// Reads every row.
  package func forEach(_ values: DirectValue..., read: (DirectRow) throws -> Void) throws {
    try each(values) { row in
      try read(row)
      return true
    }
  }

  /// Reads rows until the body says that it has enough.
  package func forEachUntil(
    _ values: DirectValue...,
    read: (DirectRow) throws -> Bool
  ) throws {
    try each(values) { row in try !read(row) }
  }

  private func each(_ values: [DirectValue], _ body: (DirectRow) throws -> Bool) throws {
    let pointer = statement.sqliteStatement
    defer { sqlite3_reset(pointer) }
    for (index, value) in values.enumerated() {
      let code = Self.bind(value, to: pointer, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw error(code) }
    }
    while true {
      switch sqlite3_step(pointer) {
      case SQLITE_DONE: return
      case SQLITE_ROW: guard try body(DirectRow(pointer)) else { return }
      case let code: throw error(code)
      }
    }
  }

  private func error(_ code: Int32) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code),
      message: database.lastErrorMessage,
      sql: statement.sql
    )
  }

  /// Tells SQLite to copy what is bound.
  private static var copied: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  private static func bind(
    _ value: DirectValue,
    to pointer: OpaquePointer,
    at index: Int32
  ) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(pointer, index)
    case .integer(let number): return sqlite3_bind_int64(pointer, index, number)
    case .text(var text):
      return text.withUTF8 { bindText(UnsafeRawBufferPointer($0), to: pointer, at: index) }
    case .utf8(let bytes):
      return bytes.withUnsafeBytes { bindText($0, to: pointer, at: index) }
    case .bytes(let bytes):
      return bytes.withUnsafeBytes { bindBlob($0, to: pointer, at: index) }
    case .data(let data): return data.withUnsafeBytes { bindBlob($0, to: pointer, at: index) }
    }
  }

  private static func bindText(
    _ bytes: UnsafeRawBufferPointer,
    to pointer: OpaquePointer,
    at index: Int32
  ) -> Int32 {
    guard let start = bytes.baseAddress, !bytes.isEmpty else {
      return sqlite3_bind_text(pointer, index, "", 0, copied)
    }
    let text = start.assumingMemoryBound(to: CChar.self)
    return sqlite3_bind_text(pointer, index, text, Int32(bytes.count), copied)
  }

  private static func bindBlob(
    _ bytes: UnsafeRawBufferPointer,
    to pointer: OpaquePointer,
    at index: Int32
  ) -> Int32 {
    guard let start = bytes.baseAddress, !bytes.isEmpty else {
      return sqlite3_bind_zeroblob(pointer, index, 0)
    }
    return sqlite3_bind_blob(pointer, index, start, Int32(bytes.count), copied)
  }
}

/// The present row of a `DirectStatement`; its memory is SQLite's until the next step.
package struct DirectRow {
  private let pointer: OpaquePointer

  fileprivate init(_ pointer: OpaquePointer) { self.pointer = pointer }

  /// Says whether a column is NULL.
  package func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(pointer, column) == SQLITE_NULL
  }

  /// A column's integer; 0 for NULL.
  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  /// A column's bytes, copied; empty for NULL.
  package func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { [UInt8]($0) } }

  /// A column's text; empty for NULL.
  package func text(_ column: Int32) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  /// An identifier of 16 bytes; nil when there are others.
  package func identifier<Tag>(_ column: Int32) -> Identifier128<Tag>? {
    withBytes(column) { Identifier128(bytes: $0) }
  }

  /// A stored sequence or counter; nil when it is negative.
  package func number(_ column: Int32) -> UInt64? { UInt64(exactly: integer(column)) }

  /// A column's bytes in place, valid within the body.
  package func withBytes<T>(
    _ column: Int32,
    _ body: (UnsafeRawBufferPointer) throws -> T
  ) rethrows
    -> T
  {
    let start = sqlite3_column_blob(pointer, column)
    let count = Int(sqlite3_column_bytes(pointer, column))
    return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
