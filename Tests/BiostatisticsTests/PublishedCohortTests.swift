// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Testing

/// The article of the documentation: its code is run here, and its figures are checked.
struct PublishedCohortTests {
  private static let catalogue = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Biostatistics/Biostatistics.docc")

  private static func page(_ name: String) throws -> String {
    try String(contentsOf: catalogue.appending(path: name), encoding: .utf8)
  }

  private static func text(_ value: Double, _ decimals: Int = 3) -> String {
    String(format: "%.\(decimals)f", value)
  }

  @Test func `the article's code gives the article's figures`() throws {
    let table = try Oracle.table("han_seed_reconstructed")
    let names = ["t2sir_ge_1418", "adcmean_ge_1085", "nlr_ge_441"]
    let design = try DesignMatrix(columnNames: names, columns: names.map { try table.numbers($0) })
    let outcomes = try table.flags("progression")
    let separation = try Separation.detect(design, outcomes: outcomes)
    #expect(separation.kind == .none)
    let model = try FirthFit.fit(design, outcomes: outcomes)
    let t2 = model.coefficients[1]
    let risks = try model.predict(design)
    let area = try AUC.measure(scores: risks, outcomes: outcomes)
    let limits = try area.logitInterval()
    let calibration = try Calibration.measure(risks: risks, outcomes: outcomes)
    let optimism = try OptimismCorrection.measure(
      design,
      outcomes: outcomes,
      resampleCount: 500,
      seed: 1,
      procedure: .firth
    )
    let curve = try DecisionCurve.measure(risks: risks, outcomes: outcomes, thresholds: [0.2, 0.5])
    let article = try Self.page("PublishedCohort.md").split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    let (low, high) = (try #require(t2.low), try #require(t2.high))
    for claim in [
      "high T2 ratio is \(Self.text(t2.estimate)),",
      "from \(Self.text(low)) to \(Self.text(high)) (p = \(Self.text(t2.p, 4)))",
      "an odds ratio of \(Self.text(t2.oddsRatio, 2)).",
      "The AUC is \(Self.text(area.estimate)) ",
      "logit scale \(Self.text(limits.low)) to \(Self.text(limits.high)))",
      "the calibration slope \(Self.text(calibration.slope.value)).",
      "corrected AUC is \(Self.text(optimism.corrected.auc)) ",
      "corrected slope \(Self.text(optimism.corrected.slope)):",
      "the net benefit is \(Self.text(curve[1].netBenefit)),",
      "treating everyone \(Self.text(curve[1].treatAll)).",
    ] {
      #expect(article.contains(claim), "the article should say: \(claim)")
    }
  }

  @Test func `the article's code is the code of this test`() throws {
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    func lines(_ text: String) -> [String] {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let blocks = try Self.page("PublishedCohort.md").components(separatedBy: "```swift\n")
      .dropFirst().compactMap { $0.components(separatedBy: "```").first }
    #expect(blocks.count == 5)
    let code = lines(own).joined(separator: "\n")
    for block in blocks { #expect(code.contains(lines(block).joined(separator: "\n")), "\(block)") }
  }

  @Test func `the catalogue lists every public type`() throws {
    let page = try Self.page("Biostatistics.md")
    let sources = Self.catalogue.appending(path: "..")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    )
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count > 2, words[0] == "public", ["struct", "enum"].contains(words[1]) else {
          continue
        }
        let name = words[2].prefix { $0.isLetter }
        if !line.hasPrefix(" ") { #expect(page.contains("- ``\(name)``"), "\(name) is not listed") }
      }
    }
  }
}
