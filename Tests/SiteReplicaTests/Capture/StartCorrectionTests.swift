// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import TestSupport
import Testing

@testable import SiteReplica

/// A treatment start that one device corrects while another has its dates.
@Suite struct StartCorrectionTests {
  private struct Pair {
    let scratch: ScratchFolder
    let center: TestCenter
    var first: TestDevice
    var second: TestDevice

    init() async throws {
      scratch = try ScratchFolder()
      var generator = SeededGenerator(seed: 77)
      center = try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
      first = try TestDevice(seed: 1)
      second = try TestDevice(seed: 2)
      try await first.enroll(at: center)
      try await second.enroll(at: center)
      _ = try first.importText(Practice.small)
      try second.share(first)
      try await sync()
    }

    mutating func sync() async throws {
      for _ in 0..<2 {
        try await first.sync(with: center)
        try await second.sync(with: center)
      }
    }
  }

  private func isOutdated(_ device: TestDevice) throws -> Bool {
    let patient = try device.store.patient(mrn: "A1", vault: device.vault)
    return try device.store.record(of: patient, vault: device.vault).isStartOutdated
  }

  @Test func `until its vault file is read, the other device shows days and says why`() async throws
  {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    try await pair.sync()
    #expect(try pair.first.value("A1", "baseline", "labs_date") == "2024-01-08")
    #expect(try isOutdated(pair.first) == false)
    #expect(try pair.second.value("A1", "baseline", "labs_date") == "day -7")
    #expect(try isOutdated(pair.second))
    #expect(try pair.second.value("A2", "baseline", "labs_date") == "2024-02-09")
  }

  @Test func `the vault file brings the corrected start, and dates are right again`() async throws {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    try await pair.sync()
    let result = try pair.second.share(pair.first)
    #expect(result.corrected == 1)
    #expect(result.conflicts.isEmpty)
    #expect(try pair.second.value("A1", "baseline", "labs_date") == "2024-01-08")
    #expect(try isOutdated(pair.second) == false)
  }

  @Test func `an older vault file never takes a correction back`() async throws {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    try await pair.sync()
    let result = try pair.first.share(pair.second)
    #expect(result.corrected == 0)
    #expect(result.conflicts.isEmpty)
    #expect(try pair.first.value("A1", "baseline", "labs_date") == "2024-01-08")
  }

  @Test func `no date is entered on a device that does not know from which day it counts`()
    async throws
  {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    try await pair.sync()
    #expect(throws: SiteReplicaError.startCorrectedElsewhere) {
      try pair.second.set("A1", "week8", "mri_date=2024-03-06")
    }
    let report = try pair.second.importText(
      "mrn,treatment_start,mri_date_week8\nA1,2024-01-10,2024-03-06\n"
    )
    #expect(report.problems.map(\.code).contains("start_corrected_elsewhere"))
    try pair.second.set("A1", "week8", "adc_mean=1.2")
    #expect(try pair.second.value("A1", "week8", "adc_mean") == "1.2")
  }

  @Test func `the corrected start can be typed there too, and moves no day again`() async throws {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    try await pair.sync()
    try pair.second.set("A1", nil, "treatment_start=2024-01-15")
    #expect(try pair.second.value("A1", "baseline", "labs_date") == "2024-01-08")
    #expect(try pair.second.store.outbox().pending.isEmpty)
  }

  @Test func `two corrections at once are shown, and one more settles them`() async throws {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    try pair.second.set("A1", nil, "treatment_start=2024-01-16")
    try await pair.sync()
    #expect(try isOutdated(pair.first))
    #expect(try isOutdated(pair.second))
    let result = try pair.first.share(pair.second)
    #expect(result.conflicts.map(\.field) == ["treatment_start"])
    try pair.first.set("A1", nil, "treatment_start=2024-01-16")
    try await pair.sync()
    try pair.second.share(pair.first)
    #expect(try isOutdated(pair.first) == false)
    #expect(try isOutdated(pair.second) == false)
  }

  @Test func `a correction says nothing of the date on the wire`() async throws {
    var pair = try await Pair()
    try pair.first.set("A1", nil, "treatment_start=2024-01-15")
    let writes = try #require(try pair.first.store.outbox().pending.last?.writes)
    let revision = try #require(writes.first { $0.address.field == "treatment_start_revision" })
    guard case .integer(let number) = revision.value else {
      Issue.record("the revision is no number")
      return
    }
    #expect(number > 1 << 20)
  }
}
