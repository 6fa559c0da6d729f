// SPDX-License-Identifier: Apache-2.0

import Registry
import Replication
import Testing

@testable import SiteReplica

@Suite struct FormTests {
  @Test func `a new patient needs a treatment start`() throws {
    var device = try TestDevice()
    #expect(throws: SiteReplicaError.identityMissing(fields: ["treatment_start"])) {
      try device.set("B1", nil, "sex=male")
    }
  }

  @Test func `a new patient is registered by a form`() throws {
    var device = try TestDevice()
    try device.set("B1", nil, "treatment_start=2024-03-01", "sex=male")
    #expect(try device.value("B1", "", "sex") == "male")
  }

  @Test func `a form that shows other heads than stand there is refused`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let draft = try device.store.draft(
      mrn: "A1",
      event: "baseline",
      assignments: [Assignment(field: "neutrophils", text: "6.1")],
      vault: device.vault,
      using: &device.generator
    )
    try device.set("A1", "baseline", "neutrophils=5.5")
    #expect(throws: SiteReplicaError.changedMeanwhile(fields: ["neutrophils"])) {
      try device.store.save(
        draft,
        vault: device.vault,
        actor: TestDevice.actor,
        using: &device.generator
      )
    }
    #expect(try device.value("A1", "baseline", "neutrophils") == "5.5")
  }

  @Test func `a field name with its event as suffix is understood`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", nil, "adc_mean_week8=1.1")
    #expect(try device.value("A1", "week8", "adc_mean") == "1.1")
  }

  @Test func `a field of several events needs one`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    #expect(
      throws: SiteReplicaError.eventNeeded(field: "adc_mean", events: ["baseline", "week8"])
    ) { try device.set("A1", nil, "adc_mean=1.1") }
  }

  @Test func `an impossible value is refused with the rule`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    do {
      try device.set("A1", "baseline", "neutrophils=3000")
      Issue.record("nothing was refused")
    } catch SiteReplicaError.entryRefused(let problems) {
      #expect(problems.filter { !$0.isWarning }.map(\.code) == ["wrong_unit"])
    }
  }

  @Test func `a missing value keeps its reason`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    try device.set("A1", "baseline", "inr=not_done")
    #expect(try device.value("A1", "baseline", "inr") == "not_done")
  }

  @Test func `a retracted value stays in the audit trail`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let draft = try device.store.draftRetraction(
      mrn: "A1",
      event: "baseline",
      reader: nil,
      field: "neutrophils",
      vault: device.vault
    )
    try device.store.save(
      draft,
      reason: .retraction,
      vault: device.vault,
      actor: TestDevice.actor,
      using: &device.generator
    )
    #expect(try device.value("A1", "baseline", "neutrophils") == "retracted")
    let last = try #require(try device.store.auditEntries().last?.fieldDetails)
    #expect(last.changes.map(\.old) == ["5.2"])
    #expect(last.reason == "retraction")
  }
}
