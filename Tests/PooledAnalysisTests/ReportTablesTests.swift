// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PooledAnalysis

@Suite struct ReportTablesTests {
  private func table(_ name: String) throws -> ReportTable {
    try #require(ReportTables.all(try ReportHTMLTests.content.get()).first { $0.name == name })
  }

  @Test func `every table has a name of its own and rows as wide as its header`() throws {
    let tables = ReportTables.all(try ReportHTMLTests.content.get())
    #expect(Set(tables.map(\.name)).count == tables.count)
    for table in tables {
      #expect(table.rows.allSatisfy { $0.count == table.columns.count }, "\(table.name)")
    }
  }

  @Test func `numbers keep their full precision`() throws {
    let report = try ReportHTMLTests.content.get().validation
    let table = try table("performance")
    let place = try #require(table.columns.firstIndex(of: "auc"))
    #expect(Double(table.rows[0][place]) == report.summary.performance.auc?.estimate)
  }

  @Test func `a cell with a comma or a quote is quoted`() {
    var table = ReportTable("t", ["a", "b"])
    table.add(["x, y", "say \"so\""])
    #expect(table.csv == "a,b\r\n\"x, y\",\"say \"\"so\"\"\"\r\n")
  }

  @Test func `every figure of the page has its table`() throws {
    let names = ReportTables.all(try ReportHTMLTests.content.get()).map(\.name)
    for figure in [
      "figure_roc", "figure_calibration_points", "figure_risks", "figure_decision_curve",
      "figure_survival", "figure_instability", "flow", "performance", "pooled", "coefficients",
    ] {
      #expect(names.contains(figure))
    }
  }

  @Test func `the JSON document holds the same numbers`() throws {
    let content = try ReportHTMLTests.content.get()
    let bytes = try JSONEncoder().encode(ReportDocument(content))
    let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    #expect(Set(object.keys) == ["provenance", "validation", "refit", "figures", "published"])
  }
}
