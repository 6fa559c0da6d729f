// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import GRDB
import Testing

@Suite struct AuditTests {
  @Test func `what happened is chained and whole`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    let last = try #require(try centre.center.verifyAudit())
    let entries = try centre.center.auditEntries(from: 1, limit: 100)
    #expect(entries.last == last)
    #expect(entries.map(\.sequence) == Array(1...last.sequence))
    #expect(last.canonical.contains("device_enrolled"))
  }

  @Test func `an entry cannot be changed or removed by statements`() throws {
    let centre = try TestCenter()
    let database = try DatabaseQueue(path: centre.path)
    #expect(throws: DatabaseError.self) {
      try database.write { try $0.execute(sql: "DELETE FROM audit_entries") }
    }
    #expect(throws: DatabaseError.self) {
      try database.write { try $0.execute(sql: "UPDATE audit_entries SET canonical = ''") }
    }
  }

  @Test func `a changed entry is found`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    try DatabaseQueue(path: centre.path).write { database in
      try database.execute(sql: "DROP TRIGGER audit_entries_keep_update")
      try database.execute(
        sql: "UPDATE audit_entries SET canonical = replace(canonical, 'HILL', 'HALL')"
      )
    }
    #expect(throws: CenterError.auditBroken(sequence: 3)) { try centre.center.verifyAudit() }
  }

  @Test func `a removed entry is found`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    try DatabaseQueue(path: centre.path).write { database in
      try database.execute(sql: "DROP TRIGGER audit_entries_keep_delete")
      try database.execute(sql: "DELETE FROM audit_entries WHERE sequence = 2")
    }
    #expect(throws: CenterError.auditBroken(sequence: 3)) { try centre.center.verifyAudit() }
  }
}
