// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import TestSupport
import Testing

@testable import Center

/// What a cut keeps of conflicts that were.
@Suite struct CutHistoryTests {
  /// Two devices of a hospital that did not see each other's value.
  private func centre(
    _ values: [String],
    patients: [PatientID] = [PatientID(high: 1, low: 1), PatientID(high: 1, low: 1)]
  ) throws -> (TestCenter, [TestDevice]) {
    let centre = try TestCenter()
    var devices: [TestDevice] = []
    for (value, patient) in zip(values, patients) {
      var device = try centre.device(of: "HILL")
      let batch = try device.seal(patient: patient, values: ["sex": .code(value)])
      _ = try centre.push([batch], by: device)
      devices.append(device)
    }
    return (centre, devices)
  }

  private func row(_ centre: TestCenter) throws -> AnalysisRow {
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    return try #require(try centre.center.rows(of: cut.id).first)
  }

  private func rebuilt(_ center: Center, _ cut: String, _ study: Study) throws -> Data {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "scratch-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let scratch = try SQLiteCenterStore.open(path: folder.appending(path: "s.sqlite").path)
    return try center.rebuiltContent(ofCut: cut, study: study, in: scratch)
  }

  @Test func `a conflict that a person resolved is still known as one`() throws {
    var (centre, devices) = try centre(["male", "female"])
    #expect(try row(centre).everInConflict == ["sex"])
    let batch = try devices[1].seal(
      values: ["sex": .code("female"), "age": .integer(60)],
      seen: [devices[0]]
    )
    _ = try centre.push([batch], by: devices[1])
    let settled = try row(centre)
    #expect(!settled.hasConflict)
    #expect(settled.everInConflict == ["sex"])
    #expect(settled.code("sex") == "female")
  }

  @Test func `equal concurrent values were never in conflict`() throws {
    let (centre, _) = try centre(["male", "male"])
    #expect(try row(centre).everInConflict == [])
  }

  @Test func `two registrations that were settled as one patient were in conflict`() throws {
    let names = [PatientID(high: 1, low: 1), PatientID(high: 1, low: 2)]
    var (centre, devices) = try centre(["male", "female"], patients: names)
    let link = centre.study.profile.roles.link
    _ = try centre.push(
      [
        devices[1].seal(patient: names[1], values: [link: .patient(names[0])], seen: [devices[0]]),
        devices[1].seal(patients: names, values: ["sex": .code("male")], seen: [devices[0]]),
      ],
      by: devices[1]
    )
    let settled = try row(centre)
    #expect(settled.patient == names[0].description)
    #expect(!settled.hasConflict)
    #expect(settled.everInConflict == ["sex"])
  }

  @Test func `a cut with its history is made again byte for byte`() throws {
    var (centre, devices) = try centre(["male", "female"])
    _ = try centre.push([devices[1].seal(seen: [devices[0]])], by: devices[1])
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    #expect(String(data: cut.content, encoding: .utf8)?.contains("ever_in_conflict") == true)
    // A later conflict is not of this cut.
    var late = try centre.device(of: "HILL")
    _ = try centre.push([late.seal(values: ["age": .integer(61)])], by: late)
    #expect(try rebuilt(centre.center, cut.id, centre.study) == cut.content)
  }

  @Test func `a cut of an earlier program has no history and is made again byte for byte`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "old-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let sample = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Wire/databases/center-2/store.sql")
    let path = folder.appending(path: "center.sqlite").path
    try DatabaseText.restore(String(contentsOf: sample, encoding: .utf8), to: path)
    let center = Center(store: try SQLiteCenterStore.open(path: path))
    let cut = try center.cut("1")
    let rows = try center.rows(of: "1")
    #expect(!rows.isEmpty && rows.allSatisfy { $0.everInConflict == nil })
    #expect(CutContent.encode(rows) == cut.content)
    #expect(try rebuilt(center, "1", Study.embedded()) == cut.content)
    let later = try center.makeCut(study: Study.embedded(), now: TestCenter.now)
    #expect(try center.rows(of: later.id).allSatisfy { $0.everInConflict == [] })
  }
}
