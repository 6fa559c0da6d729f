// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Replication
import Testing

@testable import PooledAnalysis

@Suite struct DescriptionTests {
  private func row(
    _ site: String,
    _ response: String?,
    t2Ratio: Double?,
    field: String = "3T",
    readings: [String: [String: Value]] = [:]
  ) -> AnalysisRow {
    var values: [String: Value] = [
      "adc_mean_week8": .decimal(1), "nlr": .decimal(2), "field_strength_week8": .code(field),
      "b_high_week8": .integer(800), "sex": .code(site == "a" ? "male" : "female"),
    ]
    if let t2Ratio { values["t2_sir_week8"] = .decimal(t2Ratio) }
    if let response { values["response"] = .code(response) }
    return AnalysisRow(
      patient: "\(site) \(response ?? "") \(t2Ratio ?? 0)",
      site: site,
      values: values,
      readings: readings
    )
  }

  private func report(_ rows: [AnalysisRow]) throws -> ValidationReport {
    try ModelValidation.validate(
      PooledRows(rows: rows),
      release: Practice.release(),
      plan: Practice.plan()
    )
  }

  @Test func `missing values are counted by site and by outcome`() throws {
    let rows = [
      row("a", "SD", t2Ratio: 2), row("a", "PR", t2Ratio: nil), row("b", nil, t2Ratio: 1),
      row("b", "PD", t2Ratio: nil),
    ]
    let found = try report(rows).missingness
    #expect(found.map(\.column) == ["outcome", "t2_sir_week8", "adc_mean_week8", "nlr"])
    #expect(found[0].bySite.map(\.missing) == [0, 1])
    #expect(found[1].missing == 2)
    #expect(found[1].bySite.map(\.level) == ["a", "b"])
    #expect(found[1].byOutcome.map(\.level) == ["event", "non_event", "missing"])
    #expect(found[1].byOutcome.map(\.missing) == [1, 1, 0])
  }

  @Test func `field strength and b value stand by site`() throws {
    let rows = [
      row("a", "SD", t2Ratio: 2), row("b", "PR", t2Ratio: 1, field: "1.5T"),
      row("b", "PR", t2Ratio: 1),
    ]
    let found = try report(rows).acquisition
    #expect(found.map(\.column) == ["field_strength_week8", "b_high_week8"])
    #expect(found[0].sites.map(\.counts) == [["3T": 1], ["1.5T": 1, "3T": 1]])
    #expect(found[1].sites.map(\.median) == [800, 800])
  }

  @Test func `the plan's columns make subgroups`() throws {
    let rows = [row("a", "SD", t2Ratio: 2), row("b", "PR", t2Ratio: 1)]
    let groups = try report(rows).byGroup.filter { $0.column == "sex" }
    #expect(groups.map(\.level) == ["female", "male"])
    #expect(groups.map(\.performance.n) == [1, 1])
  }

  /// The first reader sees T2 SIR above the threshold of 1.418, the second below it.
  @Test func `readers who disagree about a threshold are counted`() throws {
    let apart: [String: [String: Value]] = [
      "1": ["t2_sir_week8": .decimal(1.5)], "2": ["t2_sir_week8": .decimal(1.3)],
    ]
    let together = apart.mapValues { _ in ["t2_sir_week8": Value.decimal(1.6)] }
    let rows = [
      row("a", "SD", t2Ratio: 1.5, readings: apart),
      row("a", "PR", t2Ratio: 1.6, readings: together),
      row("a", "PR", t2Ratio: 1.1),
    ]
    let effect = try #require(report(rows).readerEffect)
    #expect(effect.patients == 2)
    let pair = try #require(effect.pairs.first)
    #expect((pair.first, pair.second) == ("1", "2"))
    #expect(pair.n == 2)
    #expect(pair.otherGroup == 1)
    #expect(abs((pair.bias ?? 0) - 2.16235123 / 2) < 1e-6)
    #expect(effect.readers.map(\.otherGroup) == [0, 1])
    #expect(effect.readers.map(\.meanRiskDifference?.isZero) == [true, false])
  }

  @Test func `nobody who was read once has a reader's effect`() throws {
    let rows = [row("a", "SD", t2Ratio: 2), row("a", "PR", t2Ratio: 1)]
    #expect(try report(rows).readerEffect == nil)
  }

  @Test func `blinded readings of a file stand apart from the settled values`() throws {
    let text =
      "mrn,treatment_start,event,reader,t2_tumour,t2_muscle\n"
      + "A1,2024-01-01,week8,1,300,100\nA1,,week8,2,200,100\nA1,,week8,consensus,250,100\n"
    let rows = try PooledRows.fromCSV(
      Data(text.utf8),
      study: Practice.study.get(),
      plan: Practice.plan()
    ).rows
    let row = try #require(rows.first)
    #expect(row.number("t2_sir_week8") == 2.5)
    #expect(row.asRead(by: "1")?.number("t2_sir_week8") == 3)
    #expect(row.asRead(by: "2")?.number("t2_sir_week8") == 2)
    #expect(row.asRead(by: "3") == nil)
  }
}
