// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Replication
import Testing

@Suite struct OutcomeDefinitionTests {
  struct Plan: Decodable {
    let outcome: OutcomeDefinition
    let survival: ProgressionFreeSurvival
  }

  private func plan() throws -> Plan {
    try JSONDecoder().decode(Plan.self, from: Data(try Study.embedded().planBytes))
  }

  private func status(_ values: [String: Value]) throws -> OutcomeStatus {
    try plan().outcome.classify(AnalysisRow(patient: "1", site: "s", values: values))
  }

  @Test(arguments: [
    ("CR", OutcomeStatus.nonEvent), ("PR", .nonEvent), ("SD", .event), ("PD", .event),
    ("NE", .missing),
  ])
  func `the month-6 category decides`(category: String, expected: OutcomeStatus) throws {
    #expect(try status(["response": .code(category)]) == expected)
  }

  @Test func `progression before the assessment is an event whatever the category`() throws {
    let day: [String: Value] = ["response": .code("PR"), "response_date": .day(180)]
    #expect(try status(day.merging(["progression_date": .day(100)]) { $1 }) == .event)
    #expect(try status(day.merging(["progression_date": .day(200)]) { $1 }) == .nonEvent)
  }

  @Test func `progression at week 8 is an event whatever follows`() throws {
    #expect(try status(["response": .code("PR"), "response_early": .code("PD")]) == .event)
    #expect(try status(["response_early": .code("PD")]) == .event)
    #expect(try status(["response_early": .code("PR")]) == .missing)
  }

  @Test(arguments: [(Int32(210), OutcomeStatus.event), (211, .missing)])
  func `without an assessment, progression counts up to day 210`(
    day: Int32,
    expected: OutcomeStatus
  ) throws {
    #expect(try status(["progression_date": .day(day)]) == expected)
    #expect(try status(["progression_date": .day(day), "response": .code("NE")]) == expected)
  }

  @Test(arguments: [
    ("tumour", Int32(100), OutcomeStatus.event), ("tumour", 211, .missing),
    ("liver_failure", 210, .competing), ("unknown", 100, .competing),
    ("liver_failure", 211, .missing),
  ])
  func `without an assessment, death counts by cause and day`(
    cause: String,
    day: Int32,
    expected: OutcomeStatus
  ) throws {
    #expect(try status(["death_date": .day(day), "death_cause": .code(cause)]) == expected)
  }

  @Test func `other deaths leave an assessed category alone`() throws {
    let values: [String: Value] = [
      "response": .code("PR"), "response_date": .day(180), "death_date": .day(190),
      "death_cause": .code("treatment"),
    ]
    #expect(try status(values) == .nonEvent)
  }

  @Test func `nothing known is a missing outcome, never a non-event`() throws {
    #expect(try status([:]) == .missing)
    #expect(try status(["response": .missing(.notDone)]) == .missing)
  }

  @Test func `survival ends with the first of progression and tumour death`() throws {
    let survival = try plan().survival
    func time(_ values: [String: Value]) -> ProgressionFreeSurvival.Time? {
      survival.derive(AnalysisRow(patient: "1", site: "s", values: values))
    }
    let death: [String: Value] = ["death_date": .day(90), "death_cause": .code("tumour")]
    #expect(time(death)?.days == 90)
    #expect(time(death.merging(["progression_date": .day(60)]) { $1 })?.days == 60)
    #expect(time(["last_assessment": .day(300), "response": .code("SD")])?.isEvent == false)
    #expect(time(["pfs_date": .day(30), "pfs_event": .boolean(true)])?.isEvent == true)
    #expect(time([:]) == nil)
  }
}
