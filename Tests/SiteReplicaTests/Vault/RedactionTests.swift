// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import Testing

@testable import SiteReplica

/// An identity value that was entered by mistake is gone; that it was there stays in the trail.
@Suite struct RedactionTests {
  private func device() throws -> TestDevice {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", nil, "note=the neighbour is Mrs Sun")
    try device.set("A1", nil, "note=see file")
    return device
  }

  private func sealed(_ device: TestDevice) throws -> [Data] {
    try device.vault.database.read { database in
      try Data.fetchAll(
        database,
        sql: """
          SELECT sealed FROM vault_field WHERE field = 'note'
          UNION ALL SELECT sealed FROM vault_former WHERE field = 'note'
          """
      )
    }
  }

  @Test func `the value and those before it are gone, from the file as well`() throws {
    let device = try device()
    let boxes = try sealed(device)
    #expect(boxes.count == 2)
    let removed = try device.store.redact(
      "note",
      of: "A1",
      vault: device.vault,
      actor: TestDevice.actor
    )
    #expect(removed == 2)
    let patient = try device.store.patient(mrn: "A1", vault: device.vault)
    #expect(try device.vault.identity(of: patient)?.fields["note"] == nil)
    #expect(try sealed(device).isEmpty)
    let bytes = try device.storedBytes()
    for box in boxes { #expect(bytes.range(of: box) == nil) }
  }

  @Test func `the trail says who removed what of whom, and no value`() throws {
    let device = try device()
    _ = try device.store.redact("note", of: "A1", vault: device.vault, actor: TestDevice.actor)
    let entry = try #require(try device.store.auditEntries().last)
    #expect(entry.action == "identity_redacted")
    #expect(entry.who == "nurse")
    #expect(entry.details == #"{"field":"note"}"#)
    #expect(entry.patient == (try device.store.patient(mrn: "A1", vault: device.vault)))
    #expect(try device.store.firstAuditBreak() == nil)
  }

  @Test func `a field that is needed is corrected first, and then what stood before goes`() throws {
    var device = try device()
    #expect(throws: SiteReplicaError.vault(.fieldIsNeeded("birth_date"))) {
      try device.store.redact("birth_date", of: "A1", vault: device.vault, actor: TestDevice.actor)
    }
    try device.set("A1", nil, "birth_date=1961-05-06")
    let removed = try device.store.redact(
      "birth_date",
      of: "A1",
      vault: device.vault,
      actor: TestDevice.actor
    )
    #expect(removed == 1)
    let patient = try device.store.patient(mrn: "A1", vault: device.vault)
    #expect(try device.vault.identity(of: patient)?.birthDate?.iso == "1961-05-06")
  }

  @Test(arguments: ["neutrophils", "Mrs_Sun"])
  func `what is no identity field is refused`(field: String) throws {
    let device = try device()
    #expect(throws: SiteReplicaError.self) {
      try device.store.redact(field, of: "A1", vault: device.vault, actor: TestDevice.actor)
    }
  }

  @Test func `nothing to remove is said`() throws {
    let device = try device()
    #expect(throws: SiteReplicaError.vault(.nothingToRedact(field: "note"))) {
      try device.store.redact("note", of: "A2", vault: device.vault, actor: TestDevice.actor)
    }
    #expect(try device.store.auditEntries().last?.action != "identity_redacted")
  }
}
