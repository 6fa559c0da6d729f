// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import Registry
import Replication
import Testing

@Suite struct CutTests {
  private func patients(_ count: UInt64) -> [PatientID] {
    (1...count).map { PatientID(high: 7, low: $0) }
  }

  @Test func `the same records give the same cut`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push(
      [device.seal(patients: patients(5), values: ["sex": .code("male"), "age": .integer(61)])],
      by: device
    )
    let first = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    let later = try centre.reopened().makeCut(study: centre.study, now: TestCenter.now + 99)
    #expect(later == first)
    #expect(first.patients == 5)
    #expect(first.sites == 1)
  }

  @Test func `the order of arrival does not show in a cut`() throws {
    var hashes: Set<Data> = []
    let names = patients(4)
    for order in [names, names.reversed()] {
      let centre = try TestCenter()
      for site in order == names ? ["HILL", "COAST"] : ["COAST", "HILL"] {
        var device = try centre.device(of: site)
        for name in order {
          _ = try centre.push([device.seal(patient: name)], by: device)
        }
      }
      hashes.insert(try centre.center.makeCut(study: centre.study, now: TestCenter.now).sha256)
    }
    #expect(hashes.count == 1)
  }

  @Test func `rows read back are the rows frozen`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push(
      [device.seal(values: ["sex": .code("male"), "age": .integer(61)])],
      by: device
    )
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    let row = try #require(try centre.center.rows(of: cut.id).first)
    #expect(row.site == "HILL")
    #expect(row.values["age"] == .integer(61))
    #expect(row.values["sex"] == .code("male"))
    #expect(!row.hasConflict)
  }

  @Test func `blinded readings stay apart from settled values in a cut`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let names = patients(1)
    var batches: [Data] = []
    for (reader, value) in [("1", 300.0), ("2", 200), (centre.study.profile.consensus, 250)] {
      batches.append(
        try device.seal(
          patients: names,
          values: ["t2_tumour": .decimal(value), "t2_muscle": .decimal(100)],
          event: "week8",
          reader: reader
        )
      )
    }
    _ = try centre.push(batches, by: device)
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    let row = try #require(try centre.center.rows(of: cut.id).first)
    #expect(row.number("t2_sir_week8") == 2.5)
    #expect(row.readings.keys.sorted() == ["1", "2"])
    #expect(row.asRead(by: "2")?.number("t2_sir_week8") == 2)
  }

  @Test func `changes that came before a plan are told from those after it`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push(
      [device.seal(patients: patients(5), values: ["sex": .code("male")])],
      by: device
    )
    let first = try centre.center.makeCut(study: centre.study, now: TestCenter.now + 50)
    let times = try centre.center.planTimes(of: first.id)
    #expect(times.planRegistered == TestCenter.now)
    #expect((times.changesetsBefore, times.changesetsAfter) == (0, 5))
    _ = try centre.center.addPlan(Data("later".utf8), now: TestCenter.now + 60)
    let second = try centre.center.makeCut(study: centre.study, now: TestCenter.now + 70)
    let later = try centre.center.planTimes(of: second.id)
    #expect(later.planRegistered == TestCenter.now + 60)
    #expect((later.changesetsBefore, later.changesetsAfter) == (5, 0))
    #expect(later.firstReceived == TestCenter.now)
  }

  @Test func `withdrawn patients are left out`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let names = patients(3)
    _ = try centre.push(
      [
        device.seal(patients: names, values: ["sex": .code("male")]),
        device.seal(
          patient: names[1],
          values: [centre.study.profile.roles.withdrawn: .boolean(true)],
          reason: "consent_withdrawn"
        ),
      ],
      by: device
    )
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    #expect(cut.patients == 2)
  }

  @Test func `a patient registered twice counts once`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let names = patients(3)
    _ = try centre.push(
      [
        device.seal(patients: names, values: ["sex": .code("male")]),
        device.seal(
          patient: names[2],
          values: [centre.study.profile.roles.link: .patient(names[0])],
          reason: "merge"
        ),
      ],
      by: device
    )
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    #expect(cut.patients == 2)
  }

  @Test func `concurrent different values are flagged`() throws {
    let centre = try TestCenter()
    for value in ["male", "female"] {
      var device = try centre.device(of: "HILL")
      _ = try centre.push([device.seal(values: ["sex": .code(value)])], by: device)
    }
    let cut = try centre.center.makeCut(study: centre.study, now: TestCenter.now)
    #expect(try centre.center.rows(of: cut.id).map(\.hasConflict) == [true])
  }

  @Test func `an unknown cut is refused`() throws {
    let centre = try TestCenter()
    #expect(throws: CenterError.unknownCut("9")) { try centre.center.rows(of: "9") }
  }
}
