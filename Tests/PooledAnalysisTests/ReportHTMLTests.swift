// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct ReportHTMLTests {
  static let content = Result { () throws -> ReportContent in
    try ReportFixture.network(Practice.hospitals)
  }
  static let page = Result { ReportHTML.page(try content.get()) }

  /// The page of one language alone.
  private func body(_ language: ReportLanguage) throws -> String {
    ReportHTML.body(try Self.content.get(), language).joined(separator: "\n")
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
    for banned in ["<script", "<link", "<img", "url(", "@import", "href=\"http", "src="] {
      #expect(!page.contains(banned))
    }
    #expect(
      page.components(separatedBy: "href=\"").dropFirst().allSatisfy { $0.hasPrefix("#") }
    )
  }

  @Test(arguments: ReportLanguage.allCases)
  func `all figures are drawn`(language: ReportLanguage) throws {
    // Flow, ROC, calibration, risks, decision curve, three forests, survival, nomogram, instability.
    #expect(try body(language).components(separatedBy: "<svg ").count == 12)
  }

  @Test func `every link leads to a section and no two have one name`() throws {
    let page = try Self.page.get()
    let names = page.components(separatedBy: " id=\"").dropFirst().map {
      String($0.prefix { $0 != "\"" })
    }
    #expect(Set(names).count == names.count)
    for link in page.components(separatedBy: "href=\"#").dropFirst() {
      #expect(names.contains(String(link.prefix { $0 != "\"" })))
    }
  }

  @Test func `what was left out is counted on the page`() throws {
    let page = try Self.page.get()
    #expect(page.contains("− predictor not known"))
    #expect(page.contains("never counted as no event"))
  }

  @Test func `a gate that is not met is written out`() throws {
    let page = try body(.english)
    #expect(page.contains("not met; no release channel here"))
    #expect(page.contains("the current release stays"))
  }

  @Test func `the language that is asked for is shown first`() throws {
    let page = ReportHTML.page(try Self.content.get(), first: .chinese)
    #expect(page.contains("id=\"show-zh\" checked"))
    #expect(!page.contains("id=\"show-en\" checked"))
  }

  @Test func `hashes, seeds and the look stand on the page`() throws {
    let page = try body(.english)
    for text in ["data-hash", "plan-hash", "lobule-center test"] {
      #expect(page.contains(text))
    }
    #expect(page.contains("Seed of the bootstrap"))
  }

  @Test func `a site's name cannot become markup`() throws {
    var content = try Self.content.get()
    content.validation.bySite[0].site = "<b>&\"x"
    let page = ReportHTML.page(content)
    #expect(!page.contains("<b>&\"x"))
    #expect(page.contains("&lt;b&gt;&amp;&quot;x"))
  }
}
