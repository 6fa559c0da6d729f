// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import Testing

@testable import SiteReplica

@Suite struct ImportTests {
  @Test func `an import takes every row`() throws {
    var device = try TestDevice()
    let report = try device.importText(Practice.small)
    #expect((report.accepted, report.refused) == (2, 0))
    #expect(report.changesets == 2)
    #expect(try device.value("A1", "baseline", "neutrophils") == "5.2")
  }

  @Test func `the same file again changes nothing`() throws {
    var device = try TestDevice()
    let text = try Practice.text("hill")
    _ = try device.importText(text)
    let before = try device.store.status().changesets
    let again = try device.importText(text)
    #expect(again.accepted == 38)
    #expect(again.changesets == 0)
    #expect(try device.store.status().changesets == before)
  }

  @Test func `a value that differs refuses the file`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let report = try device.importText(Practice.small.replacing("5.2,1.3", with: "5.9,1.3"))
    #expect(report.isFileRefused)
    #expect(report.problems.map(\.code) == ["differs"])
    #expect(report.problems.map(\.column) == ["neutrophils"])
    #expect(try device.value("A1", "baseline", "neutrophils") == "5.2")
  }

  @Test func `an older file never overwrites a correction`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", "baseline", "neutrophils=6.1")
    #expect(try device.importText(Practice.small).isFileRefused)
    #expect(try device.value("A1", "baseline", "neutrophils") == "6.1")
  }

  @Test func `an updating import replaces and says so`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let report = try device.importText(
      Practice.small.replacing("5.2,1.3", with: "5.9,1.3"),
      ImportOptions(updates: true)
    )
    #expect(report.changesets == 1)
    #expect(try device.value("A1", "baseline", "neutrophils") == "5.9")
    #expect(try device.store.outbox().pending.last?.reason == "import_update")
    #expect(try device.store.outbox().pending.last?.writes.count == 1)
  }

  @Test func `a hard problem refuses the whole file and changes nothing`() throws {
    var device = try TestDevice()
    let report = try device.importText(Practice.small.replacing("4.1,1.7", with: "4100,1.7"))
    #expect(report.isFileRefused)
    #expect((report.accepted, report.refused) == (0, 2))
    #expect(try device.store.status().changesets == 0)
    #expect(try device.vault.identities().isEmpty)
  }

  @Test func `refused rows can be left out`() throws {
    var device = try TestDevice()
    let report = try device.importText(
      Practice.small.replacing("4.1,1.7", with: "4100,1.7"),
      ImportOptions(skipsRefused: true)
    )
    #expect((report.accepted, report.refused) == (1, 1))
    #expect(!report.isFileRefused)
  }

  @Test func `a dry run counts and writes nothing`() throws {
    var device = try TestDevice()
    let report = try device.importText(Practice.small, ImportOptions(isDryRun: true))
    #expect(report.accepted == 2)
    #expect(try device.store.status().changesets == 0)
    #expect(try device.vault.identities().isEmpty)
  }

  @Test func `an unusual value is taken and listed`() throws {
    var device = try TestDevice()
    let report = try device.importText(Practice.small.replacing("5.2,1.3", with: "25,1.3"))
    #expect(report.accepted == 2)
    #expect(report.problems.contains { $0.isWarning && $0.column == "neutrophils" })
  }

  @Test func `dates leave as days and age as a number`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let writes = try device.store.outbox().pending.flatMap(\.writes)
    #expect(
      writes.contains { $0.address.field == "labs_date" && $0.value == .day(-2) }
    )
    #expect(writes.contains { $0.address.field == "age" && $0.value == .integer(63) })
  }

  @Test func `correcting treatment start moves every offset and the age in one changeset`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", nil, "treatment_start=2024-04-05", "birth_date=1950-05-06")
    let writes = try #require(try device.store.outbox().pending.last?.writes)
    #expect(
      Set(writes.map(\.address.field)) == ["labs_date", "age", "treatment_start_revision"]
    )
    #expect(writes.contains { $0.value == .integer(73) })
    #expect(try device.value("A1", "baseline", "labs_date") == "2024-01-08")
  }

  @Test func `an identity left by a broken import is used again`() throws {
    var device = try TestDevice()
    let orphan = PatientID(high: 1, low: 2)
    let roles = device.store.study.profile.roles
    try device.vault.save(
      [
        Identity(
          patient: orphan,
          fields: [
            "mrn": .text("A1"), "name": .text("Li Ming"),
            "birth_date": .date(try #require(CalendarDate(iso: "1960-05-06"))),
            "treatment_start": .date(try #require(CalendarDate(iso: "2024-01-10"))),
          ],
          roles: roles
        )
      ],
      using: &device.generator
    )
    _ = try device.importText(Practice.small)
    #expect(try device.store.patient(mrn: "A1", vault: device.vault) == orphan)
    #expect(try device.value("A1", "", "age") == "63")
  }
}
