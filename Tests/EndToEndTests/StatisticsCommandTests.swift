// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The statistics command on the files whose figures come from R.
///
/// Expected figures: R 4.2.2 with logistf 1.24.1, pROC 1.18.0, survival 3.5.3, metafor 3.8.1 and
/// lme4 1.1.31; the whole golden files are compared in BiostatisticsTests.
@Suite struct StatisticsCommandTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let kind: String
    let file: String
    let arguments: [String]
    /// Where the figure stands in the JSON document, from the outside in.
    let path: [String]
    /// A file of figures and the place in its `expected`.
    let golden: (file: String, path: [String])

    var testDescription: String { "\(kind) \(file) \(path.joined(separator: "."))" }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "BiostatisticsTests/Oracle")

  static func data(_ name: String) -> String { folder.appending(path: "data/\(name).csv").path }

  static let cases: [Case] = [
    Case(
      kind: "logistic",
      file: "han_seed_reconstructed",
      arguments: ["--formula", "progression ~ t2sir_ge_1418 + adcmean_ge_1085 + nlr_ge_441"],
      path: ["profile_upper", "nlr_ge_441"],
      golden: ("logistic_mle_seed", ["profile_upper", "nlr_ge_441"])
    ),
    Case(
      kind: "firth",
      file: "han_seed_reconstructed",
      arguments: ["--formula", "progression ~ t2sir_ge_1418 + adcmean_ge_1085 + nlr_ge_441"],
      path: ["coef", "(Intercept)"],
      golden: ("firth_seed", ["coef", "(Intercept)"])
    ),
    Case(
      kind: "auc",
      file: "aSAH",
      arguments: ["--outcome", "outcome", "--score", "s100b"],
      path: ["se"],
      golden: ("roc_aSAH_s100b", ["delong_se"])
    ),
    Case(
      kind: "calibration",
      file: "calib_birthwt",
      arguments: ["--outcome", "low", "--risk", "p"],
      path: ["ici"],
      golden: ("calibration_birthwt", ["loess_direct", "ici"])
    ),
    Case(
      kind: "kappa",
      file: "kappa_4cat",
      arguments: ["--columns", "reader1,reader2", "--weights", "quadratic"],
      path: ["kappa"],
      golden: ("kappa_4cat", ["squared", "kappa"])
    ),
    Case(
      kind: "icc",
      file: "icc_shrout_fleiss",
      arguments: [],
      path: ["icc_2_1", "upper"],
      golden: ("icc_shrout_fleiss", ["icc_2_1", "upper"])
    ),
    Case(
      kind: "kruskal",
      file: "aSAH",
      arguments: ["--value", "s100b", "--by", "wfns"],
      path: ["p"],
      golden: ("kruskal", ["p"])
    ),
    Case(
      kind: "iecv",
      file: "registry_synth",
      arguments: ["--formula", "y ~ t2 + adc + nlr", "--cluster", "site", "--fit", "firth"],
      path: ["pooled", "slope", "prediction_upper"],
      golden: ("iecv_registry_firth", ["pooled", "slope", "REML_knha", "pi_metafor_upper"])
    ),
  ]

  private static func value(_ object: Any?, _ path: [String]) -> Double? {
    path.reduce(object) { ($0 as? [String: Any])?[$1] } as? Double
  }

  @Test(arguments: cases)
  func `a figure is that of the reference program`(own: Case) throws {
    let outcome = try Program.center.run(
      ["statistics", own.kind, "--csv", Self.data(own.file), "--json"] + own.arguments
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let bytes = try Data(contentsOf: Self.folder.appending(path: "\(own.golden.file).json"))
    let golden = try #require(
      try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    )
    let expected = try #require(Self.value(golden["expected"], own.golden.path))
    let found = try #require(Self.value(try outcome.json(), own.path))
    // The references print about nine digits that two programs agree on.
    #expect(abs(found - expected) <= 1e-7 * max(abs(expected), 1e-3))
  }

  @Test func `rows with a missing cell are left out and counted`() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.file("a.csv", "y,s,other\n0,1,\n1,2,\n0,NA,1\n1,3,1\n,4,1\n0,2,1\n")
    let outcome = try Program.center.run(
      ["statistics", "auc", "--csv", file, "--outcome", "y", "--score", "s", "--json"]
    )
    #expect(try outcome.integer("n") == 4)
    #expect(try outcome.integer("dropped") == 2)
    #expect(outcome.errors.contains("2 of 6 rows were left out"))
  }

  @Test func `text becomes indicators of its levels but the first`() throws {
    let outcome = try Program.center.run([
      "statistics", "logistic", "--csv", Self.data("registry_synth"), "--formula", "y ~ t2 + site",
      "--limits", "wald", "--json",
    ])
    let terms = try #require(outcome.json()["coef"] as? [String: Any])
    #expect(terms["siteS1"] == nil && terms["siteS2"] != nil && terms["t2"] != nil)
  }

  @Test func `an infinite limit is null`() throws {
    let outcome = try Program.center.run([
      "statistics", "auc", "--csv", Self.data("sep_toy_complete"), "--outcome", "y", "--score",
      "x1", "--json",
    ])
    #expect(outcome.output.contains("\"logit_lower\":null"))
  }

  struct Refusal: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let file: String
    let status: Int32
    let word: String

    var testDescription: String { word }
  }

  static let refusals = [
    Refusal(
      arguments: ["logistic", "--formula", "y ~ x1 + x2"],
      file: "sep_toy_complete",
      status: 3,
      word: "x1, x2"
    ),
    Refusal(
      arguments: ["logistic", "--formula", "y ~ x1 * x2"],
      file: "sep_toy_complete",
      status: 2,
      word: "formula"
    ),
    Refusal(
      arguments: ["firth", "--formula", "y ~ x3"],
      file: "sep_toy_complete",
      status: 3,
      word: "x3"
    ),
    Refusal(
      arguments: ["auc", "--outcome", "s100b", "--score", "age"],
      file: "aSAH",
      status: 3,
      word: "0 and 1"
    ),
    Refusal(
      arguments: ["auc", "--outcome", "y", "--score", "site"],
      file: "registry_synth",
      status: 3,
      word: "site"
    ),
    Refusal(
      arguments: ["delong", "--outcome", "outcome", "--score", "age", "--score2", "age"],
      file: "aSAH",
      status: 3,
      word: "variance"
    ),
  ]

  @Test(arguments: refusals)
  func `what cannot be computed is refused in a sentence`(own: Refusal) throws {
    let outcome = try Program.center.run(
      ["statistics"] + own.arguments + ["--csv", Self.data(own.file), "--json"]
    )
    #expect(outcome.status == own.status)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(own.word))
  }
}
