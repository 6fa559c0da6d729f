// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import Testing

@testable import SiteReplica

@Suite struct StagingTests {
  private func staged(_ device: inout TestDevice) throws -> (PatientID, token: Data) {
    _ = try device.importText(Practice.small)
    let patient = try device.store.patient(mrn: "A1", vault: device.vault)
    let corrected = Identity(
      patient: patient,
      fields: ["treatment_start": .date(try #require(CalendarDate(iso: "2024-04-05")))],
      roles: device.vault.roles
    )
    let token = Data(repeating: 7, count: 16)
    try device.vault.stage([corrected], token: token, using: &device.generator)
    return (patient, token)
  }

  @Test func `a correction whose values were never saved is dropped`() throws {
    var device = try TestDevice()
    let (patient, _) = try staged(&device)
    let vault = try device.store.openVault(.keyFile(TestDevice.keyFile))
    #expect(try vault.identity(of: patient)?.treatmentStart?.iso == "2024-01-10")
    #expect(try vault.stagedTokens().isEmpty)
  }

  @Test func `a correction whose values were saved is finished`() throws {
    var device = try TestDevice()
    let (patient, token) = try staged(&device)
    try device.store.database.write {
      try $0.execute(
        sql: "INSERT INTO site_identity_token (token) VALUES (?)",
        arguments: [token]
      )
    }
    let vault = try device.store.openVault(.keyFile(TestDevice.keyFile))
    #expect(try vault.identity(of: patient)?.treatmentStart?.iso == "2024-04-05")
  }

  @Test func `a correction that cannot be saved leaves the vault as it was`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let draft = try device.store.draft(
      mrn: "A1",
      assignments: [Assignment(field: "treatment_start", text: "2024-04-05")],
      vault: device.vault,
      using: &device.generator
    )
    try device.store.database.write { try $0.execute(sql: "DROP TABLE site_audit") }
    #expect(throws: SiteReplicaError.self) {
      try device.store.save(
        draft,
        vault: device.vault,
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
    let vault = try device.store.openVault(.keyFile(TestDevice.keyFile))
    let patient = try device.store.patient(mrn: "A1", vault: vault)
    #expect(try vault.identity(of: patient)?.treatmentStart?.iso == "2024-01-10")
  }
}
