// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A database as SQL text, to be kept beside the tests and read by people.
package enum DatabaseText {
  /// Every table with its rows, then indexes and triggers; nothing that SQLite makes by itself.
  package static func dump(_ path: String) throws -> String {
    try DatabaseQueue(path: path).read { database in
      let objects = try Row.fetchAll(
        database,
        sql: """
          SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL
          ORDER BY type = 'table' DESC, rowid
          """
      )
      var lines: [String] = []
      for object in objects {
        lines.append("\(object["sql"] as String);")
        guard object["type"] == "table" else { continue }
        lines += try rows(of: object["name"], in: database)
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  /// Makes a database file of the text.
  package static func restore(_ text: String, to path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA foreign_keys = OFF; BEGIN; \(text) COMMIT;")
    }
    try queue.close()
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  private static func rows(of table: String, in database: Database) throws -> [String] {
    let columns = try database.columns(in: table).map { "quote(\"\($0.name)\")" }
    let list = columns.joined(separator: " || ',' || ")
    return try String.fetchAll(database, sql: "SELECT \(list) FROM \"\(table)\"")
      .map { "INSERT INTO \"\(table)\" VALUES(\($0));" }
  }
}
