// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import TestSupport
import Testing

@testable import SiteReplica

@Suite struct MergeTests {
  private static let twice = """
    mrn,birth_date,treatment_start,sex,labs_date,neutrophils,lymphocytes
    A1,1960-05-06,2024-01-10,male,2024-01-08,5.2,1.3
    A2,1960-05-06,2024-01-10,male,2024-01-08,5.2,1.7
    A3,1951-02-03,2024-01-10,male,2024-01-08,4.1,1.3

    """

  private func device(seed: UInt64 = 1) throws -> TestDevice {
    var device = try TestDevice(seed: seed)
    _ = try device.importText(Self.twice)
    return device
  }

  /// Two devices of one site that hold the same three registrations.
  private func pair() async throws -> (TestCenter, TestDevice, TestDevice, ScratchFolder) {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 9)
    let center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    var first = try TestDevice(seed: 1)
    var second = try TestDevice(seed: 2)
    try await first.enroll(at: center)
    try await second.enroll(at: center)
    _ = try first.importText(Self.twice)
    let secret = TransferSecret.passphrase(Data("a long passphrase".utf8))
    let written = try first.store.writeTransfer(
      vault: first.vault,
      secret: secret,
      actor: TestDevice.actor,
      using: &first.generator
    )
    _ = try second.store.readTransfer(
      written.file,
      vault: second.vault,
      secret: secret,
      actor: TestDevice.actor,
      using: &second.generator
    )
    try await first.sync(with: center)
    try await second.sync(with: center)
    return (center, first, second, scratch)
  }

  @Test func `merged registrations are listed as one patient`() throws {
    let device = try device()
    let merged = try device.merge("A1", "A2")
    #expect(merged.registrations.count == 2)
    let records = try device.store.records(vault: device.vault)
    #expect(records.count == 2)
    #expect(records.first { $0.patient == merged.patient }?.otherIdentities.count == 1)
    #expect(try device.store.status().patients == 2)
  }

  @Test func `different values of merged registrations are a conflict, equal ones are none`() throws
  {
    let device = try device()
    _ = try device.merge("A1", "A2")
    let conflicts = try device.store.conflicts(vault: device.vault)
    #expect(conflicts.map(\.address.field) == ["lymphocytes"])
    #expect(Set(conflicts.flatMap(\.sides).map(\.text)) == ["1.3", "1.7"])
    #expect(try device.store.status().conflicts == 1)
    #expect(try device.store.hasConflict(device.patient("A2")))
  }

  @Test func `a resolution writes to every registration in one changeset`() throws {
    var device = try device()
    _ = try device.merge("A1", "A2")
    let before = try device.store.status().changesets
    try device.set("A2", "baseline", "lymphocytes=1.7", resolves: true)
    #expect(try device.store.status().changesets == before + 1)
    #expect(try device.store.status().conflicts == 0)
    _ = try device.unmerge("A1", "A2")
    #expect(try device.value("A1", "baseline", "lymphocytes") == "1.7")
    #expect(try device.value("A2", "baseline", "lymphocytes") == "1.7")
  }

  @Test func `a value that no registration had goes to the one that was named`() throws {
    var device = try device()
    _ = try device.merge("A1", "A2")
    try device.set("A2", "baseline", "monocytes=0.4")
    #expect(try device.value("A1", "baseline", "monocytes") == "0.4")
    _ = try device.unmerge("A1", "A2")
    #expect(try device.value("A1", "baseline", "monocytes") == nil)
    #expect(try device.value("A2", "baseline", "monocytes") == "0.4")
  }

  @Test func `an unmerged registration leaves and the rest stays together`() throws {
    let device = try device()
    _ = try device.merge("A1", "A2")
    let all = try device.merge("A2", "A3")
    #expect(all.registrations.count == 3)
    let rest = try device.unmerge("A3", "A1")
    #expect(Set(rest.registrations) == [try device.patient("A2"), try device.patient("A3")])
    #expect(try device.store.records(vault: device.vault).count == 2)
    #expect(throws: SiteReplicaError.notMerged) { try device.unmerge("A2", "A1") }
  }

  @Test func `merging again is nothing to write`() throws {
    let device = try device()
    _ = try device.merge("A1", "A2")
    #expect(throws: SiteReplicaError.nothingToWrite) { try device.merge("A2", "A1") }
  }

  @Test func `registrations that start on different days are not merged`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    #expect(throws: SiteReplicaError.startsDiffer) { try device.merge("A1", "A2") }
  }

  @Test func `a corrected start moves the days of every registration`() throws {
    var device = try device()
    _ = try device.merge("A1", "A2")
    try device.set("A1", nil, "treatment_start=2024-01-09")
    for mrn in ["A1", "A2"] {
      #expect(try device.value(mrn, "baseline", "labs_date") == "2024-01-08")
    }
    _ = try device.unmerge("A1", "A2")
    for mrn in ["A1", "A2"] {
      #expect(try device.value(mrn, "baseline", "labs_date") == "2024-01-08")
    }
  }

  @Test func `merge and unmerge stand in the audit trail with their reasons`() throws {
    let device = try device()
    _ = try device.merge("A1", "A2")
    _ = try device.unmerge("A1", "A2")
    let reasons = try device.store.auditEntries().compactMap { $0.fieldDetails?.reason }
    #expect(Array(reasons.suffix(2)) == ["merge", "unmerge"])
  }

  @Test func `a merge beside an edit of the other registration keeps both`() async throws {
    var (center, first, second, scratch) = try await pair()
    _ = try first.merge("A1", "A2")
    try second.set("A2", "baseline", "lymphocytes=1.9")
    try await first.sync(with: center)
    try await second.sync(with: center)
    let report = try await first.sync(with: center)
    #expect(report.isDigestEqual == true)
    for device in [first, second] {
      let conflicts = try device.store.conflicts(vault: device.vault)
      #expect(conflicts.map { Set($0.sides.map(\.text)) } == [["1.3", "1.9"]])
      #expect(try device.store.records(vault: device.vault).count == 2)
    }
    withExtendedLifetime(scratch) {}
  }

  @Test func `a merge beside an unmerge is a conflict that either decides`() async throws {
    var (center, first, second, scratch) = try await pair()
    _ = try first.merge("A1", "A2")
    try await first.sync(with: center)
    try await second.sync(with: center)
    _ = try first.unmerge("A1", "A2")
    _ = try second.merge("A2", "A3")
    try await first.sync(with: center)
    try await second.sync(with: center)
    try await first.sync(with: center)
    let before = try first.store.conflicts(vault: first.vault).map(\.address)
    #expect(before == (try second.store.conflicts(vault: second.vault).map(\.address)))
    // Whatever the ids say, one more decision settles every link.
    if (try? first.merge("A1", "A2")) == nil { _ = try first.unmerge("A3", "A1") }
    let field = first.store.study.profile.roles.link
    #expect(try first.store.conflicts(vault: first.vault).allSatisfy { $0.address.field != field })
    try await first.sync(with: center)
    try await second.sync(with: center)
    #expect(
      try first.store.records(vault: first.vault).map(\.patient)
        == second.store.records(vault: second.vault).map(\.patient)
    )
    withExtendedLifetime(scratch) {}
  }

  @Test func `a retraction taken back gives the value before it`() throws {
    var device = try device()
    try device.retract("A1", "neutrophils")
    #expect(try device.value("A1", "baseline", "neutrophils") == "retracted")
    try device.unretract("A1", "neutrophils")
    #expect(try device.value("A1", "baseline", "neutrophils") == "5.2")
    let last = try device.store.auditEntries().last?.fieldDetails
    #expect(last?.reason == "unretraction")
  }

  @Test func `what stood before a retraction is found in batches that name patients by number`()
    async throws
  {
    var (center, first, _, scratch) = try await pair()
    try first.set("A1", "baseline", "neutrophils=6.1")
    try await first.sync(with: center)
    try first.retract("A1", "neutrophils")
    try await first.sync(with: center)
    try first.unretract("A1", "neutrophils")
    #expect(try first.value("A1", "baseline", "neutrophils") == "6.1")
    withExtendedLifetime(scratch) {}
  }

  @Test func `a value that stands is not unretracted`() throws {
    var device = try device()
    #expect(throws: SiteReplicaError.notRetracted(field: "neutrophils", event: "baseline")) {
      try device.unretract("A1", "neutrophils")
    }
  }

  @Test func `a retraction beside an edit is a conflict and is not taken back unseen`() async throws
  {
    var (center, first, second, scratch) = try await pair()
    try first.retract("A1", "neutrophils")
    try second.set("A1", "baseline", "neutrophils=5.5")
    try await first.sync(with: center)
    try await second.sync(with: center)
    try await first.sync(with: center)
    #expect(throws: SiteReplicaError.inConflict(field: "neutrophils", event: "baseline")) {
      try first.unretract("A1", "neutrophils")
    }
    withExtendedLifetime(scratch) {}
  }
}

extension TestDevice {
  fileprivate func patient(_ mrn: String) throws -> PatientID {
    try store.patient(mrn: mrn, vault: vault)
  }

  fileprivate func merge(_ first: String, _ second: String) throws -> MergedRegistrations {
    try store.merge(first, second, vault: vault, actor: Self.actor)
  }

  fileprivate func unmerge(_ first: String, _ second: String) throws -> MergedRegistrations {
    try store.unmerge(first, second, vault: vault, actor: Self.actor)
  }

  fileprivate mutating func retract(_ mrn: String, _ field: String) throws {
    let draft = try store.draftRetraction(
      mrn: mrn,
      event: "baseline",
      reader: nil,
      field: field,
      vault: vault
    )
    try store.save(
      draft,
      reason: .retraction,
      vault: vault,
      actor: Self.actor,
      using: &generator
    )
  }

  fileprivate mutating func unretract(_ mrn: String, _ field: String) throws {
    let draft = try store.draftUnretraction(
      mrn: mrn,
      event: "baseline",
      reader: nil,
      field: field,
      vault: vault
    )
    try store.save(
      draft,
      reason: .unretraction,
      vault: vault,
      actor: Self.actor,
      using: &generator
    )
  }
}
