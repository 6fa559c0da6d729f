// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

@testable import PooledAnalysis

/// What reports say of values that were ever in conflict.
@Suite struct SiteConflictsTests {
  /// Practice hospitals, of each the first patient still and the first three once in conflict.
  private static func rows(hasHistory: Bool) throws -> PooledRows {
    var places: [String: Int] = [:]
    return PooledRows(
      rows: try Practice.rows(["north", "coast"]).rows.map { row in
        let place = places[row.site, default: 0]
        places[row.site] = place + 1
        let history = place < 3 ? ["adc_mean_week8", "nlr"].prefix(place == 0 ? 1 : 2) : []
        return AnalysisRow(
          patient: row.patient,
          site: row.site,
          hasConflict: place == 0,
          everInConflict: hasHistory ? Array(history) : nil,
          values: row.values
        )
      }
    )
  }

  private static func report(hasHistory: Bool) throws -> ValidationReport {
    try ModelValidation.validate(
      rows(hasHistory: hasHistory),
      release: Practice.release(),
      plan: Practice.plan()
    )
  }

  private static let report = Result { try report(hasHistory: true) }
  private static let older = Result { try report(hasHistory: false) }

  private func content(_ report: ValidationReport) throws -> ReportContent {
    ReportContent(
      validation: report,
      plan: try Practice.plan(),
      release: try Practice.release(),
      subtitle: "1",
      provenance: ReportProvenance(cut: "1")
    )
  }

  @Test func `each site counts patients and values`() throws {
    let found = try #require(try Self.report.get().conflicts)
    #expect(found.map(\.site) == ["coast", "north"])
    #expect(found.map(\.unresolved) == [1, 1])
    #expect(found.map(\.everInConflict) == [3, 3])
    #expect(found.map(\.values) == [5, 5])
    let flow = try Self.report.get().flow
    #expect(flow.conflicts == 2)
    #expect(flow.everInConflict == 6)
  }

  @Test func `who has a value that was ever in conflict is left out`() throws {
    let report = try Self.report.get()
    func n(_ name: String) -> Int? { report.sensitivity.first { $0.name == name }?.n }
    let all = try #require(n("complete_case"))
    let ever = try #require(report.flow.completeEverInConflict)
    #expect(ever > report.flow.completeWithConflict)
    #expect(n("conflicts_out") == all - report.flow.completeWithConflict)
    #expect(n("ever_in_conflict_out") == all - ever)
  }

  @Test func `rows without a history give the report they always gave`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let older = try Self.older.get()
    let text = try #require(String(data: encoder.encode(older), encoding: .utf8))
    #expect(!text.contains("ever_in_conflict") && !text.contains("conflicts_by_site"))
    #expect(older.conflicts == nil)
    let names = Set(ReportTables.all(try content(older)).map(\.name))
    #expect(!names.contains("conflicts_by_site"))
    let page = ReportHTML.body(try content(older), .english).joined()
    #expect(page.contains("is not known of these rows"))
  }

  @Test func `JSON and CSV have the counts`() throws {
    let report = try Self.report.get()
    let data = try JSONEncoder().encode(report)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect((object["conflicts_by_site"] as? [[String: Any]])?.count == 2)
    #expect(try JSONDecoder().decode(ValidationReport.self, from: data) == report)
    let tables = ReportTables.all(try content(report))
    let sites = try #require(tables.first { $0.name == "conflicts_by_site" })
    #expect(sites.rows.map { $0.last } == ["5", "5"])
    let flow = try #require(tables.first { $0.name == "flow" })
    #expect(flow.rows.contains { $0.first == "complete_ever_in_conflict" })
    let sensitivity = try #require(tables.first { $0.name == "sensitivity_analyses" })
    #expect(sensitivity.rows.contains { $0.first == "ever_in_conflict_out" })
  }

  @Test func `the page says it in both languages`() throws {
    let content = try content(Self.report.get())
    let english = ReportHTML.body(content, .english).joined()
    for text in ["of these with a value ever in conflict", "Values ever in conflict"] {
      #expect(english.contains(text))
    }
    let chinese = ReportHTML.body(content, .chinese).joined()
    for text in ["其中有值曾发生冲突", "曾有冲突的值", "排除曾有冲突者"] {
      #expect(chinese.contains(text))
    }
    #expect(!chinese.contains("in conflict"))
  }
}
