// SPDX-License-Identifier: Apache-2.0

import GRDB
import RegistryDatabase
import Testing

@testable import SiteReplica

@Suite struct AuditTrailTests {
  @Test func `a save is named with who, when, old and new`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", "baseline", "neutrophils=6.1")
    let entry = try #require(try device.store.auditEntries().last)
    #expect(entry.who == "nurse")
    #expect(entry.at == 1_790_000_000)
    #expect(
      entry.fieldDetails?.changes == [
        AuditChange(
          event: "baseline",
          reader: "",
          field: "neutrophils",
          old: "5.2",
          new: "6.1"
        )
      ]
    )
  }

  @Test func `an entry that was changed afterwards is found`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    #expect(try device.store.firstAuditBreak() == nil)
    try device.store.database.write {
      try $0.execute(sql: "UPDATE site_audit SET who = 'somebody' WHERE number = 2")
    }
    #expect(try device.store.firstAuditBreak() == 2)
  }

  @Test func `an entry that was taken out is found`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.store.database.write {
      try $0.execute(sql: "DELETE FROM site_audit WHERE number = 2")
    }
    #expect(try device.store.firstAuditBreak() == 2)
  }
}
