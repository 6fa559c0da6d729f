// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct ModelRefitTests {
  static func refit(_ hospitals: [String]) throws -> RefitReport {
    try ModelRefit.refit(
      Practice.rows(hospitals),
      plan: Practice.plan(),
      incumbent: Practice.release()
    )
  }

  static let han = Result { try refit(["han"]) }
  static let all = Result { try refit(Practice.hospitals) }
  static let external = Result { try refit(["north", "coast", "river", "hill"]) }

  /// R 4.2.2 glm, pROC 1.18.0 on the recovered development cohort.
  private func checkPublished(_ model: ModelSummary) {
    let performance = model.performance
    #expect(performance.n == 78)
    #expect(performance.events == 46)
    let coefficients = model.coefficients.map(\.estimate)
    let reference = [2.16235122882975, -1.66670259000795, -1.82049122392826]
    #expect(coefficients.count == 3)
    for (own, other) in zip(coefficients, reference) { #expect(abs(own - other) < 1e-8) }
    #expect(abs(model.intercept - -0.351119253999887) < 1e-8)
    #expect(Practice.isClose(performance.deviance, 81.5364169973816, 1e-8))
    #expect(Practice.isClose(performance.aic, 89.5364169973816, 1e-8))
    #expect(Practice.isClose(performance.auc?.estimate, 0.81148097826087, 1e-8))
    #expect(Practice.isClose(performance.cutoff, 0.6977901421796645, 1e-8))
    #expect(Practice.isClose(performance.sensitivity, 29.0 / 46, 1e-12))
    #expect(Practice.isClose(performance.specificity, 29.0 / 32, 1e-12))
    #expect(Practice.isClose(performance.ppv, 29.0 / 32, 1e-12))
    #expect(Practice.isClose(performance.npv, 29.0 / 46, 1e-12))
  }

  @Test func `the development hospital gives the published model`() throws {
    checkPublished(try #require(try Self.han.get().models["maximum_likelihood"]))
  }

  @Test func `a file of the dichotomised cohort gives the published model`() throws {
    let plan = try Practice.plan()
    let rows = try PooledRows.fromCSV(
      Practice.bytes("han_cohort.csv"),
      study: Practice.study.get(),
      plan: plan
    )
    let report = try Analysis.analyze(rows, plan: plan, release: Practice.release())
    checkPublished(report.summary)
    #expect(report.refit.models["stacked_firth"] == nil)
    #expect(report.validation.population == "development")
  }

  @Test func `terms are named by column and threshold`() throws {
    let model = try #require(try Self.han.get().models["maximum_likelihood"])
    #expect(
      model.coefficients.map(\.term)
        == ["t2_sir_week8>=1.418", "adc_mean_week8>=1.085", "nlr>=4.41"]
    )
  }

  @Test func `odds ratios and their limits are the published ones`() throws {
    let model = try #require(try Self.han.get().models["maximum_likelihood"])
    let published = [(8.692, 2.074, 36.429), (0.189, 0.061, 0.586), (0.162, 0.038, 0.682)]
    for (own, other) in zip(model.coefficients, published) {
      #expect(Practice.isClose(own.oddsRatio, other.0, 1e-3))
      #expect(Practice.isClose(own.low, other.1, 1e-3))
      #expect(Practice.isClose(own.high, other.2, 0.02))
    }
  }

  @Test(arguments: [("imaging", "t2_sir_single", 3.003), ("nomogram", "clinical", 4.023)])
  func `AUC comparisons give the published Z`(first: String, second: String, z: Double) throws {
    let found = try Self.han.get().comparisons.first { $0.first == first && $0.second == second }
    #expect(Practice.isClose(try #require(found).z, z, 5e-4))
  }

  @Test func `Firth's coefficients are the reference ones`() throws {
    let model = try #require(try Self.han.get().models["firth"])
    let reference = try Practice.firth()
    let found = [model.intercept] + model.coefficients.map(\.estimate)
    for (own, other) in zip(found, reference) { #expect(abs(own - other) < 1e-7) }
  }

  @Test func `the published cohort is not stacked on itself`() throws {
    #expect(try Self.han.get().models["stacked_firth"] == nil)
    #expect(try Self.han.get().notComputed["stacked_firth"] != nil)
  }

  @Test func `the published cohort is stacked where nobody of it is in the cut`() throws {
    let report = try Self.external.get()
    #expect(report.models["stacked_firth"]?.performance.n == 446 + 78)
    #expect(report.models["firth"]?.performance.n == 446)
  }

  @Test func `all hospitals give the reference refit`() throws {
    let model = try #require(try Self.all.get().models["maximum_likelihood"])
    checkRefit(model, try Practice.expected("refit_all_ml"))
  }

  @Test func `external hospitals give the reference refit`() throws {
    let model = try #require(try Self.external.get().models["maximum_likelihood"])
    checkRefit(model, try Practice.expected("refit_external_ml"))
  }

  private func checkRefit(_ model: ModelSummary, _ expected: Practice.ExpectedRefit) {
    #expect(model.performance.n == expected.n)
    let found = [model.intercept] + model.coefficients.map(\.estimate)
    for (own, other) in zip(found, expected.coefficients) { #expect(abs(own - other) < 1e-6) }
    for (own, other) in zip(model.coefficients.map(\.se), expected.se.dropFirst()) {
      #expect(abs(own - other) < 1e-6)
    }
    #expect(Practice.isClose(model.performance.auc?.estimate, expected.auc, 1e-6))
  }

  @Test func `a small cut of development patients is refitted by Firth's method`() throws {
    #expect(try Self.han.get().chosen == "firth")
  }

  @Test func `with external patients the ladder chooses`() throws {
    let report = try Self.all.get()
    #expect(report.update != nil)
    #expect(report.models[report.chosen] != nil)
  }

  @Test func `a recalibrated model is the closed test's of the reference`() throws {
    // Release 1 on the external practice rows: slope and joint intercept as in the fixture.
    let model = try #require(try Self.all.get().models["recalibrated_slope"])
    let slope = 0.4814164278550663
    let release = try Practice.release()
    for (own, old) in zip(model.coefficients, release.coefficients) {
      #expect(abs(own.estimate - slope * old) < 1e-6)
    }
  }

  @Test func `the published search needs about 1473 patients`() throws {
    let plan = try Practice.plan {
      $0["screening"] = [
        "columns": [String](), "level": 0.1, "folds": 3, "published_candidates": 44,
      ]
    }
    let sizes = try ModelRefit.refit(
      Practice.rows(["han"]),
      plan: plan,
      incumbent: Practice.release()
    ).sampleSize
    let published = try #require(sizes.first { $0.source == "published" && $0.parameters == 44 })
    #expect((1470...1476).contains(published.needed))
  }

  @Test func `continuous challengers are compared by left-out sites`() throws {
    let compared = try #require(try Self.all.get().update?.compared)
    let names = [
      "keep", "intercept", "intercept_slope", "re_estimate", "ladder", "linear", "splines",
      "lasso",
    ]
    #expect(compared.map(\.name) == names)
    #expect(compared.allSatisfy { $0.n == 446 && $0.failedSites == 0 })
  }

  @Test func `candidates are screened one by one and by LASSO`() throws {
    let columns = ["sex", "child_pugh", "t2_sir_week8", "adc_mean_week8", "nlr", "washout"]
    let plan = try Practice.plan {
      $0["screening"] = [
        "columns": columns, "level": 0.1, "folds": 3, "published_candidates": 44,
        "published": ["nlr": "as printed"],
      ]
    }
    let rows = try Practice.rows(["coast"], plan: plan)
    let set = AnalysisSet(rows, predictors: plan.predictors, plan: plan)
    let screening = try #require(Screening.measure(set, plan: plan))
    let names = ["sex=male", "child_pugh=B", "t2_sir_week8", "adc_mean_week8", "nlr", "washout"]
    #expect(screening.rows.map(\.candidate) == names)
    #expect(screening.rows[4].published == "as printed")
    #expect(screening.rows[3].isKept && screening.rows[3].isInLasso == true)
  }

  @Test func `each external site is left out once`() throws {
    let cross = try #require(try Self.all.get().crossValidation)
    #expect(cross.bySite.compactMap(\.site) == ["coast", "hill", "north", "river"])
    #expect(cross.rows.n == 446)
    #expect(cross.againstIncumbent != nil)
  }

  @Test func `a cut without events is refused`() throws {
    let rows = try Practice.rows(["north"]).rows.filter {
      try Practice.plan().outcome?.classify($0) != .event
    }
    #expect(throws: PooledAnalysisError.self) {
      try ModelRefit.refit(
        PooledRows(rows: rows),
        plan: Practice.plan(),
        incumbent: Practice.release()
      )
    }
  }

  @Test func `the candidate is the next version and says that it is ungated`() throws {
    let candidate = try ModelRefit.candidate(
      from: Self.all.get(),
      plan: Practice.plan(),
      incumbent: Practice.release(),
      cut: "1"
    )
    #expect(candidate.version == 2)
    #expect(candidate.status == "practice only, ungated")
    #expect(!candidate.isExternallyValidated)
    #expect(candidate.statement == "Research use; not externally validated.")
    #expect(candidate.vectors.count == 8)
    try candidate.verifyVectors()
  }

  @Test func `a Firth candidate scores with the re-estimated intercept`() throws {
    let report = try Self.han.get()
    let candidate = try ModelRefit.candidate(
      from: report,
      plan: Practice.plan(),
      incumbent: Practice.release(),
      cut: "1"
    )
    #expect(candidate.intercept == report.models["firth"]?.calibratedIntercept)
  }
}
