// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

@testable import PooledAnalysis

@Suite struct PooledRowsTests {
  private func read(_ text: String) throws -> PooledRows {
    try PooledRows.fromCSV(Data(text.utf8), study: Practice.study.get(), plan: Practice.plan())
  }

  @Test func `a site column splits an import file`() throws {
    let text = String(decoding: try Practice.bytes("hill.csv"), as: UTF8.self)
    let lines = text.split(separator: "\n").enumerated().map { index, line in
      index == 0 ? "site,\(line)" : "\(index % 2 == 0 ? "b" : "a"),\(line)"
    }
    let rows = try read(lines.joined(separator: "\n"))
    #expect(Set(rows.rows.map(\.site)) == ["a", "b"])
    #expect(rows.rows.count == 38)
  }

  @Test func `record numbers do not reach the rows`() throws {
    let rows = try PooledRows.fromCSV(
      Practice.bytes("hill.csv"),
      study: Practice.study.get(),
      plan: Practice.plan()
    )
    #expect(rows.rows.allSatisfy { $0.patient.hasPrefix("row ") })
  }

  @Test func `a table of analysis columns computes the derived ones`() throws {
    let rows = try read(
      "site,t2_tumour_week8,t2_muscle_week8,adc_mean_week8,neutrophils,lymphocytes,response\n"
        + "x,300,100,1.1,5,1,SD\n"
    )
    #expect(rows.rows[0].number("t2_sir_week8") == 3)
    #expect(rows.rows[0].number("nlr") == 5)
    #expect(rows.status(rows.rows[0], try Practice.plan()) == .event)
  }

  @Test func `a file without an outcome is refused by name`() throws {
    #expect(throws: PooledAnalysisError.columnsMissing(["response"])) {
      try read("t2_sir_week8,adc_mean_week8,nlr\n1,1,1\n")
    }
  }

  @Test func `a file without a predictor is refused by name`() throws {
    let text = "t2_sir_post_high,nlr_high,progression\n1,1,1\n"
    #expect(throws: PooledAnalysisError.columnsMissing(["adc_mean_week8"])) { try read(text) }
  }

  @Test func `a row with too many cells is refused by number`() throws {
    let text = "t2_sir_post_high,adc_mean_post_high,nlr_high,progression\n1,1,1,1\n1,1,1,1,1\n"
    #expect(throws: PooledAnalysisError.rowLength(row: 2, expected: 4, found: 5)) {
      try read(text)
    }
  }
}
