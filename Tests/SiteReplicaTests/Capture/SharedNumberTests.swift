// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import Testing

@testable import SiteReplica

@Suite struct SharedNumberTests {
  private static let row = """
    mrn,treatment_start,sex,labs_date,neutrophils,lymphocytes
    A1,2024-01-10,male,2024-01-08,5.2,1.3

    """

  /// A device whose vault has one number for two patients, as after reading a vault file.
  private func device() throws -> (TestDevice, first: PatientID, second: PatientID) {
    var device = try TestDevice()
    _ = try device.importText(Self.row)
    let first = try device.store.patient(mrn: "A1", vault: device.vault)
    let second = PatientID(high: .max - 1, low: 7)
    var identity = try #require(try device.vault.identity(of: first))
    identity = Identity(patient: second, fields: identity.fields, roles: device.vault.roles)
    try device.vault.save([identity], using: &device.generator)
    return (device, first, second)
  }

  @Test func `a number of two registrations is refused with both ids`() throws {
    var (device, first, second) = try device()
    let refusal = SiteReplicaError.registeredTwice([first, second])
    #expect(throws: refusal) { _ = try device.store.patient(mrn: "A1", vault: device.vault) }
    #expect(throws: refusal) { try device.set("A1", "baseline", "platelets=150") }
    let report = try device.importText(
      Self.row.replacing("5.2", with: "5.3"),
      ImportOptions(updates: true)
    )
    #expect(report.problems.map(\.code) == ["registered_twice"])
  }

  @Test func `an id in place of the number says which one`() throws {
    var (device, first, second) = try device()
    try device.set(second.description, "baseline", "platelets=150")
    #expect(try device.value(second.description, "baseline", "platelets") == "150")
    #expect(try device.value(first.description, "baseline", "platelets") == nil)
    #expect(try device.value(first.description, "baseline", "neutrophils") == "5.2")
  }

  @Test func `a number of merged registrations is one patient`() throws {
    let (device, first, second) = try device()
    _ = try device.store.merge(
      first.description,
      second.description,
      vault: device.vault,
      actor: TestDevice.actor
    )
    #expect(try device.store.patient(mrn: "A1", vault: device.vault) == first)
  }
}
