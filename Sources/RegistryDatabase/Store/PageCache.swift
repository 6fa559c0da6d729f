// SPDX-License-Identifier: Apache-2.0
import GRDB

/// The pages of a database that the writing connection keeps in memory.
enum PageCache {
  /// SQLite's own size: 2,000 KiB.
  private static let leastPages = 500
  /// 16 MiB.
  private static let mostPages = 4096

  /// Makes room for the inner pages of the trees, about one in a hundred, and as many again.
  ///
  /// Else each look into a tree of a large database reads its inner pages anew. A small database
  /// keeps SQLite's size.
  static func fit(_ database: Database) throws {
    let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    let room = min(pages / 48, mostPages)
    if room > leastPages { try database.execute(sql: "PRAGMA cache_size = \(room)") }
  }
}
