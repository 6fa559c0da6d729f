// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PooledAnalysis

@Suite struct ReportWordsTests {
  /// Every sentence that the report's sources ask for.
  private static func asked(file: String = #filePath) throws -> Set<String> {
    let folder = URL(filePath: file).deletingLastPathComponent()
      .appending(path: "../../SyncServer/PooledAnalysis/Report").standardizedFileURL
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var found: Set<String> = []
    for case let url as URL in files ?? .init() where url.pathExtension == "swift" {
      let text = try String(contentsOf: url, encoding: .utf8)
      for match in text.matches(of: /(?:words|self)\(\s*"((?:[^"\\]|\\.)*)"/) {
        found.insert(String(match.1).replacing("\\\"", with: "\""))
      }
      for match in text.matches(of: /let title = "([^"]*)"/) { found.insert(String(match.1)) }
    }
    return found
  }

  @Test func `every sentence of the page has its Chinese`() throws {
    let asked = try Self.asked()
    #expect(asked.count > 200)
    let missing = asked.filter { ReportWords.chinese[$0] == nil }
    #expect(missing.isEmpty, "without Chinese: \(missing.sorted())")
  }

  @Test func `what facts and checklists say has its Chinese`() {
    let items = Checklist.all.flatMap(\.items).map(\.asks)
    let missing = (ReportFact.allCases.map(\.name) + items).filter {
      ReportWords.chinese[$0] == nil
    }
    #expect(missing.isEmpty, "without Chinese: \(missing)")
  }

  @Test func `both languages have the same places for numbers`() throws {
    let study = try #require(try ReportFixture.study().words["zh"])
    for (english, chinese) in ReportWords.chinese.merging(study, uniquingKeysWith: { $1 }) {
      let one = Set(english.matches(of: /\{\d\}/).map { String($0.0) })
      let other = Set(chinese.matches(of: /\{\d\}/).map { String($0.0) })
      #expect(one == other, "\(english) | \(chinese)")
    }
  }

  @Test func `places are filled in the order of the language`() {
    let words = ReportWords(.chinese, study: ["{1} of {2} sites": "{2}个中心中的{1}个"])
    #expect(words("{1} of {2} sites", "3", "7") == "7个中心中的3个")
  }

  @Test func `a composed sentence is found by its template`() {
    let words = ReportWords(.chinese)
    let sentence =
      "2 external sites: the spread between sites and the prediction intervals are poorly known."
    #expect(words.translated(sentence) == "2个外部中心：中心间变异和预测区间难以确知。")
  }

  @Test func `what has no Chinese stays as it is`() {
    #expect(ReportWords(.chinese).translated("NORTH-7 (α)") == "NORTH-7 (α)")
    #expect(ReportWords(.english).translated("high risk") == "high risk")
  }

  /// Words that stay in Latin letters: names, abbreviations, identifiers.
  private static let latin: Set<String> = [
    "AUC", "ROC", "Brier", "Wilson", "loess", "Kaplan", "Meier", "Hartung", "Knapp", "LASSO",
    "logit",
    "log", "rank", "Firth", "DeLong", "Hanley", "McNeil", "Bayes", "Youden", "Riley", "TRIPOD",
    "AI",
    "Cluster", "PROBAST", "BMJ", "doi", "bmj", "Collins", "Debray", "Moons", "KGM", "TPA", "SHA",
    "SD",
    "PD", "CR", "PR", "mRECIST", "MRI", "NLR", "ADC", "DWI", "HBV", "HCV", "SIRI", "PIV", "SII",
    "PFS",
    "PPV", "NPV", "HCC", "SIR", "hcc", "nomogram", "response", "lobule", "center", "test", "data",
    "plan", "hash", "Han", "Child", "Pugh", "han", "north", "coast", "river", "hill", "TACE", "exp",
    "UTC",
    "loss", "step", "CI", "of", "GS", "et", "al", "mm", "English", "Graph", "th",
  ]

  @Test func `no English is left on the Chinese page`() throws {
    let content = try ReportHTMLTests.content.get()
    var text = ReportHTML.body(content, .chinese).joined(separator: "\n")
    // The publication is cited in its own language, in the source and nowhere else.
    text = text.replacing(/Han S.*?carcinoma/.dotMatchesNewlines(), with: "")
    text = text.replacing(/Han S[^<]*/, with: "")
    text = text.replacing(/<[^>]*>/, with: " ").replacing(/&[#a-z0-9]+;/, with: " ")
    let words = Set(text.matches(of: /[A-Za-z]{2,}/).map { String($0.0) })
    let left = words.subtracting(Self.latin)
    #expect(left.isEmpty, "not translated: \(left.sorted())")
  }
}
