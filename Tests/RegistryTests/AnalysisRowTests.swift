// SPDX-License-Identifier: Apache-2.0
import Registry
import Replication
import Testing

@Suite struct AnalysisRowTests {
  private let patient = PatientID(high: 0, low: 7)
  private let one = ReplicaID(high: 0, low: 1)
  private let two = ReplicaID(high: 0, low: 2)

  private func register(_ heads: (ReplicaID, UInt64, Value)...) -> Register {
    Register(
      heads: heads.map {
        Head(dot: Dot(replica: $0.0, sequence: 1), lamport: $0.1, value: $0.2)
      }
    )
  }

  private func row(_ rows: [RowAddress: RowHeads]) throws -> AnalysisRow {
    CutRowBuilder.row(patient: patient, site: "north", rows: rows, study: try Study.embedded())
  }

  private func address(_ event: String, _ reader: String = "", low: UInt64 = 7) -> RowAddress {
    RowAddress(patient: PatientID(high: 0, low: low), event: event, reader: reader)
  }

  @Test func `settled readings and derived indices stand by column`() throws {
    let row = try row([
      address("week8", "consensus"): [
        "t2_tumour": register((one, 1, .decimal(180))),
        "t2_muscle": register((one, 1, .decimal(90))),
      ],
      address("week8", "1"): ["t2_tumour": register((one, 1, .decimal(999)))],
    ])
    #expect(row.number("t2_tumour_week8") == 180)
    #expect(row.number("t2_sir_week8") == 2)
    #expect(row.readings["1"]?["t2_tumour_week8"] == .decimal(999))
    #expect(row.asRead(by: "1")?.number("t2_sir_week8") == 11.1)
    #expect(!row.hasConflict)
    #expect(row.patient == patient.description)
  }

  @Test func `a conflict is flagged and shows the provisional value`() throws {
    let row = try row([
      address(""): ["sex": register((one, 5, .code("male")), (two, 6, .code("female")))]
    ])
    #expect(row.hasConflict)
    #expect(row.code("sex") == "female")
  }

  @Test func `equal heads are no conflict`() throws {
    let row = try row([
      address(""): ["sex": register((one, 5, .code("male")), (two, 6, .code("male")))]
    ])
    #expect(!row.hasConflict)
  }

  @Test func `registrations of one patient are united`() throws {
    let row = try row([
      address("", low: 7): ["sex": register((one, 5, .code("male")))],
      address("", low: 8): ["sex": register((two, 4, .code("female")))],
      address("baseline", low: 8): ["albumin": register((two, 4, .decimal(37)))],
    ])
    #expect(row.hasConflict)
    #expect(row.code("sex") == "male")
    #expect(row.number("albumin") == 37)
  }

  @Test func `retracted values are absent and missing ones are no numbers`() throws {
    let row = try row([
      address("baseline"): [
        "albumin": register((one, 1, .retracted)), "alp": register((one, 1, .missing(.notDone))),
      ]
    ])
    #expect(row.values["albumin"] == nil)
    #expect(row.values["alp"] == .missing(.notDone))
    #expect(row.number("alp") == nil)
  }

  @Test func `implausible content is listed and left out`() throws {
    let row = try row([
      address("baseline"): [
        "albumin": register((one, 1, .decimal(9000))), "alp": register((one, 1, .code("x"))),
        "later_field": register((one, 1, .decimal(1))),
      ]
    ])
    #expect(row.implausibleColumns == ["albumin", "alp"])
    #expect(row.values.isEmpty)
  }

  @Test func `the viable sum counts a missing second target as none`() throws {
    let study = try Study.embedded()
    var row = AnalysisRow(
      patient: "1",
      site: "s",
      values: ["target1_viable_week8": .decimal(40)]
    )
    row.addDerived(study)
    #expect(row.number("viable_sum_week8") == 40)
    row.values["target2_viable_week8"] = .decimal(5)
    row.addDerived(study)
    #expect(row.number("viable_sum_week8") == 45)
    #expect(row.number("viable_sum_month6") == nil)
  }

  @Test func `a derived value that cannot be computed is kept as given`() throws {
    var row = AnalysisRow(patient: "1", site: "s", values: ["nlr": .decimal(4.4)])
    row.addDerived(try Study.embedded())
    #expect(row.number("nlr") == 4.4)
  }

  @Test func `an imported row has day offsets, age and derived indices`() throws {
    let file = try Fixtures.read([
      ("birth_date", "1960-01-02"), ("response_date", "2024-06-30"), ("neutrophils", "4"),
      ("lymphocytes", "2"), ("rim_enhancement", "1"), ("response", "SD"),
    ])
    let row = AnalysisRow(
      patient: "1",
      site: "s",
      row: try #require(file.rows.first),
      study: try Study.embedded()
    )
    #expect(row.day("response_date") == 181)
    #expect(row.number("age") == 63)
    #expect(row.number("nlr") == 2)
    #expect(row.number("rim_enhancement") == 1)
    #expect(row.number("progression") == 1)
    #expect(row.number("objective_response") == 0)
  }
}
