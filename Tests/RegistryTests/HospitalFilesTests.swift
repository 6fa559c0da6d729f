// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

/// The practice hospitals, whole.
@Suite struct HospitalFilesTests {
  struct Expected: Decodable {
    let patients: Int
    let complete: Int
    let events: Int
  }

  struct Plan: Decodable {
    let outcome: OutcomeDefinition
  }

  @Test(arguments: Fixtures.hospitals + ["han_readers"])
  func `a practice hospital's file has no refusal`(name: String) throws {
    let file = ImportFile.read(try Fixtures.hospital(name), study: try Study.embedded())
    let refusals = file.problems.filter { !$0.isWarning }
    #expect(refusals.isEmpty)
    #expect(file.refusedRows.isEmpty)
  }

  @Test func `the five hospitals have 562 patients`() throws {
    let study = try Study.embedded()
    let counts = try Fixtures.hospitals.map {
      ImportFile.read(try Fixtures.hospital($0), study: study).rows.count
    }
    #expect(counts.reduce(0, +) == 562)
  }

  @Test(arguments: Fixtures.hospitals)
  func `outcomes and complete cases agree with the reference`(name: String) throws {
    let data = try Data(
      contentsOf: Fixtures.root.appending(path: "Tests/Fixtures/practice_expected.json")
    )
    let all = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let own = try JSONSerialization.data(withJSONObject: try #require(all[name]))
    let expected = try JSONDecoder().decode(Expected.self, from: own)

    let study = try Study.embedded()
    let plan = try JSONDecoder().decode(Plan.self, from: Data(study.planBytes))
    let file = ImportFile.read(try Fixtures.hospital(name), study: study)
    let rows = file.rows.map {
      AnalysisRow(patient: String($0.row), site: name, row: $0, study: study)
    }
    let complete = rows.filter { row in
      let status = plan.outcome.classify(row)
      return ["t2_sir_week8", "adc_mean_week8", "nlr"].allSatisfy { row.number($0) != nil }
        && (status == .event || status == .nonEvent)
    }
    #expect(rows.count == expected.patients)
    #expect(complete.count == expected.complete)
    #expect(complete.count { plan.outcome.classify($0) == .event } == expected.events)
  }

  @Test func `each reader of the development hospital has a value`() throws {
    let file = ImportFile.read(
      try Fixtures.hospital("han_readers"),
      study: try Study.embedded()
    )
    let readers = file.rows.flatMap(\.writes).map(\.reader)
    #expect(readers.count { $0 == "1" } == 78 * 9)
    #expect(readers.count { $0 == "2" } == 78 * 9)
  }
}
