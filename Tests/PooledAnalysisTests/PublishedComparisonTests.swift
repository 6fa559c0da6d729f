// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

@testable import PooledAnalysis

@Suite struct PublishedComparisonTests {
  private static func measured(_ file: String) throws -> PublishedComparison {
    let plan = try Practice.plan()
    let rows = try PooledRows.fromCSV(Practice.bytes(file), study: Practice.study.get(), plan: plan)
    let tables = try #require(try ReportFixture.study().published)
    return try #require(PublishedComparison.measure(rows, plan: plan, tables: tables))
  }

  private static func row(
    _ own: PublishedComparison,
    _ item: String,
    _ measure: String,
    _ place: String = "Table 5"
  ) throws -> PublishedComparison.Row {
    try #require(
      own.rows.first { $0.item == item && $0.measure == measure && $0.place == place }
    )
  }

  @Test func `the odds ratios of Table 4 agree to the last printed digit`() throws {
    let own = try Self.measured("han.csv")
    let rows = own.rows.filter { $0.place == "Table 4" && $0.measure.contains("odds ratio") }
    #expect(rows.count == 6)
    #expect(rows.allSatisfy { $0.agreement == .agrees })
  }

  @Test func `the printed upper limit of NLR differs and belongs to contradiction 8`() throws {
    let own = try Self.measured("han.csv")
    let row = try Self.row(own, "NLR ≥ 4.41", "univariate, upper 95 % limit", "Table 4")
    #expect(row.agreement == .differs)
    #expect(row.contradiction == 8)
    #expect(abs((row.computed ?? 0) - 0.745) < 0.0005)
  }

  @Test func `the intervals of Table 5 are exact binomial, those of the text Hanley and McNeil's`()
    throws
  {
    let own = try Self.measured("han.csv")
    for item in ["imaging model", "clinical model", "nomogram"] {
      for measure in ["AUC, lower 95 % limit", "AUC, upper 95 % limit"] {
        #expect(try Self.row(own, item, measure).agreement == .explained)
        #expect(try Self.row(own, item, measure, "Text").agreement == .explained)
      }
    }
  }

  @Test func `every predictive value follows from the printed shares`() throws {
    let own = try Self.measured("han.csv")
    for row in own.rows where row.measure.hasPrefix("PPV") || row.measure.hasPrefix("NPV") {
      #expect([.agrees, .explained].contains(row.agreement), "\(row.item) \(row.measure)")
    }
  }

  @Test func `DeLong's tests agree to the last printed digit`() throws {
    let own = try Self.measured("han.csv")
    let rows = own.rows.filter { $0.measure.hasPrefix("DeLong") }
    #expect(rows.count == 4)
    #expect(rows.allSatisfy { $0.agreement == .agrees })
  }

  @Test func `dichotomised and measured values give the same figures`() throws {
    let (raw, cut) = (try Self.measured("han.csv"), try Self.measured("han_cohort.csv"))
    for (one, other) in zip(raw.rows, cut.rows) {
      // Patients stand in another order, so that sums are rounded otherwise.
      let difference = abs((one.computed ?? 0) - (other.computed ?? 0))
      #expect(difference < 1e-9, "\(one.item) \(one.measure)")
      #expect(one.agreement == other.agreement)
    }
  }

  @Test func `all eleven contradictions stand with evidence, and no place is left open`() throws {
    let own = try Self.measured("han.csv")
    #expect(own.contradictions.map(\.number) == Array(1...11))
    for finding in own.contradictions {
      #expect(!finding.values.contains(ReportWords.absent))
      #expect(!WordTemplate.filled(finding.template, finding.values).contains("{"))
    }
  }

  @Test func `patients of other hospitals give no comparison`() throws {
    let plan = try Practice.plan()
    let tables = try #require(try ReportFixture.study().published)
    let rows = try Practice.rows(["north"])
    #expect(PublishedComparison.measure(rows, plan: plan, tables: tables) == nil)
  }

  @Test func `a printed figure agrees within half of its last digit and no further`() {
    let tables = PublishedTables(
      source: "",
      figures: ["46", "46.4", "47"].map {
        .init(place: "", item: "", measure: "", printed: $0, quantity: "events")
      },
      contradictions: []
    )
    let own = try? PublishedComparison.measure(
      Practice.rows(["han"]),
      plan: Practice.plan(),
      tables: tables
    )
    #expect(own?.rows.map(\.agreement) == [.agrees, .differs, .differs])
  }
}
