// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SyncProtocol

extension SQLiteCenterTransaction {
  func auditSize() throws -> UInt64 {
    try UInt64.fetchOne(
      database.cachedStatement(sql: "SELECT coalesce(max(sequence), 0) FROM audit_entries")
    ) ?? 0
  }

  func auditNode(level: Int, position: UInt64) throws -> Data {
    let statement = try database.cachedStatement(
      sql: "SELECT hash FROM audit_nodes WHERE level = ? AND position = ?"
    )
    guard let hash = try Data.fetchOne(statement, arguments: [level, Int64(position)]) else {
      throw CenterError.auditBroken(sequence: Int(position << UInt64(level)) + 1)
    }
    return hash
  }

  func auditEntries(from sequence: Int, limit: Int) throws -> [AuditEntry] {
    try Row.fetchAll(
      database,
      sql: "SELECT * FROM audit_entries WHERE sequence >= ? ORDER BY sequence LIMIT ?",
      arguments: [sequence, limit]
    ).map { AuditEntry(sequence: $0["sequence"], canonical: $0["canonical"]) }
  }

  func append(_ entry: AuditEntry, nodes: [MerkleNode]) throws {
    try database.execute(
      sql: "INSERT INTO audit_entries (sequence, canonical) VALUES (?, ?)",
      arguments: [entry.sequence, entry.canonical]
    )
    let insert = try database.cachedStatement(
      sql: "INSERT INTO audit_nodes (level, position, hash) VALUES (?, ?, ?)"
    )
    for node in nodes {
      try insert.execute(arguments: [node.level, Int64(node.position), node.hash])
    }
  }
}
