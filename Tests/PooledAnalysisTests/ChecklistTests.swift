// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PooledAnalysis

@Suite struct ChecklistTests {
  @Test func `three checklists are read, with all their items`() {
    #expect(Checklist.all.map(\.name) == ["TRIPOD+AI", "TRIPOD-Cluster", "PROBAST+AI"])
    #expect(Checklist.all.map(\.items.count) == [52, 37, 9])
  }

  @Test func `every item names sections that exist`() {
    for item in Checklist.all.flatMap(\.items) {
      for id in item.sections where id != "description" && id != "checklists" {
        #expect(ReportSections.section(id) != nil, "\(item.item) names \(id)")
      }
      #expect(item.authors == true || !item.facts.isEmpty, "\(item.item) asks for nothing")
    }
  }

  @Test func `an item is reported only when every fact of it holds`() throws {
    var content = try ReportHTMLTests.content.get()
    let list = try #require(Checklist.all.first)
    let item = try #require(list.items.first { $0.item == "23a" })
    #expect(item.answer(in: content).status == .reported)
    content.validation.summary.performance.auc = nil
    let answer = item.answer(in: content)
    #expect(answer.status == .partial)
    #expect(answer.missing == [.discrimination, .intervals])
  }

  @Test func `without a registration in the plan the item is missing, with one it is reported`()
    throws
  {
    let list = try #require(Checklist.all.first)
    let item = try #require(list.items.first { $0.item == "18d" })
    var content = try ReportHTMLTests.content.get()
    #expect(item.answer(in: content).status == .missing)
    content.plan = try Practice.plan { $0["conduct"] = ["registration": "ChiCTR0000000000"] }
    #expect(item.answer(in: content).status == .reported)
  }

  @Test func `ethics is reported only when every site has stated it`() throws {
    var content = try ReportHTMLTests.content.get()
    func plan(_ names: [String]) throws -> AnalysisPlan {
      try Practice.plan { object in
        object["conduct"] = [
          "sites": Dictionary(uniqueKeysWithValues: names.map { ($0, ["approval": "A 1"]) })
        ]
      }
    }
    content.plan = try plan(Array(Practice.hospitals.dropLast()))
    #expect(!ReportFact.ethics.holds(in: content))
    content.plan = try plan(Practice.hospitals)
    #expect(ReportFact.ethics.holds(in: content))
  }

  @Test func `every fact has a name of its own`() {
    let names = ReportFact.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(ReportFact.allCases.allSatisfy { !$0.name.contains("_") })
  }
}
