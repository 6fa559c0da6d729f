// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct ReportHTMLTests {
  static let page = Result { () throws -> String in
    let (plan, release) = try (Practice.plan(), Practice.release())
    let rows = try Practice.rows()
    return ReportHTML.validation(
      try ModelValidation.validate(rows, release: release, plan: plan),
      refit: try ModelRefit.refit(rows, plan: plan, incumbent: release),
      plan: plan,
      release: release,
      subtitle: "data cut 1"
    )
  }

  @Test func `the statement on use and the outcome stand on the page`() throws {
    let page = try Self.page.get()
    #expect(page.contains("Research use; not externally validated."))
    #expect(page.contains("no objective response (SD or PD, mRECIST) at 6 months"))
    #expect(page.contains("Not a reason to stop treatment."))
  }

  @Test func `every contradiction of the source stands on the page`() throws {
    let page = try Self.page.get()
    for text in try Practice.release().card.contradictions {
      #expect(page.contains(ReportPage.escaped(text)))
    }
  }

  @Test func `the page fetches nothing and runs nothing`() throws {
    let page = try Self.page.get()
    for banned in ["<script", "<link", "<img", "url(", "@import", "href="] {
      #expect(!page.contains(banned))
    }
  }

  @Test func `the five figures are drawn`() throws {
    #expect(try Self.page.get().components(separatedBy: "<svg ").count == 6)
  }

  @Test func `what was left out is counted on the page`() throws {
    let page = try Self.page.get()
    #expect(page.contains("− predictor not known"))
    #expect(page.contains("never counted as no event"))
  }

  @Test func `a gate that is not met is written out`() throws {
    let (plan, release) = try (Practice.plan(), Practice.release())
    let report = try ModelValidation.validate(Practice.rows(), release: release, plan: plan)
    let page = ReportHTML.validation(report, plan: plan, release: release, subtitle: "cut 1")
    #expect(page.contains("not met; no release channel here"))
    #expect(page.contains("the current release stays"))
  }

  /// Writes the page where a person can look at it, when asked to.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["LOBULE_DRAWINGS"] != nil))
  func `the page is written for looking at`() throws {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["LOBULE_DRAWINGS"] ?? ".")
    try Data(Self.page.get().utf8).write(to: folder.appending(path: "report.html"))
    let (plan, release) = try (Practice.plan(), Practice.release())
    let rows = try Practice.rows(["han"])
    let apparent = ReportHTML.validation(
      try ModelValidation.validate(rows, release: release, plan: plan),
      refit: try ModelRefit.refit(rows, plan: plan, incumbent: release),
      plan: plan,
      release: release,
      subtitle: "han.csv"
    )
    try Data(apparent.utf8).write(to: folder.appending(path: "report-han.html"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let report = try ModelValidation.validate(Practice.rows(), release: release, plan: plan)
    try encoder.encode(report).write(to: folder.appending(path: "validate.json"))
    let refit = try ModelRefit.refit(Practice.rows(), plan: plan, incumbent: release)
    try encoder.encode(refit).write(to: folder.appending(path: "refit.json"))
  }
}
