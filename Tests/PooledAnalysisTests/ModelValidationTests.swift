// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct ModelValidationTests {
  static let report = Result {
    try ModelValidation.validate(
      Practice.rows(),
      release: Practice.release(),
      plan: Practice.plan()
    )
  }

  private func check(_ found: Performance, _ expected: Practice.Expected) {
    #expect(found.n == expected.complete)
    #expect(found.events == expected.events)
    #expect(Practice.isClose(found.auc?.estimate, expected.auc, 1e-6))
    #expect(Practice.isClose(found.calibration?.slope, expected.slope, 1e-6))
    #expect(Practice.isClose(found.calibration?.slopeSE, expected.slopeSE, 1e-6))
    #expect(Practice.isClose(found.calibration?.intercept, expected.citl, 1e-6))
    #expect(Practice.isClose(found.calibration?.interceptSE, expected.citlSE, 1e-6))
    #expect(Practice.isClose(found.calibration?.oe, expected.oe, 1e-6))
    #expect(Practice.isClose(found.brier, expected.brier, 1e-6))
  }

  @Test(arguments: Practice.hospitals)
  func `each hospital has the reference performance`(hospital: String) throws {
    let found = try Self.report.get().bySite.first { $0.site == hospital }
    check(try #require(found).performance, try Practice.expected(hospital))
  }

  @Test func `external rows have the reference performance`() throws {
    let external = try #require(try Self.report.get().external)
    check(external, try Practice.expected("external rows"))
  }

  @Test func `development patients stand apart`() throws {
    let report = try Self.report.get()
    #expect(report.population == "external")
    #expect(report.development?.n == 78)
    #expect(report.bySite.filter(\.development).map(\.site) == ["han"])
    #expect(report.pooled.sites == 4)
  }

  @Test func `the flow adds up`() throws {
    let flow = try Self.report.get().flow
    #expect(flow.patients == 562)
    #expect(flow.complete == 524)
    let parts = [
      flow.withdrawn, flow.competing, flow.missingOutcome, flow.missingPredictor, flow.complete,
    ]
    #expect(parts.reduce(0, +) == flow.patients)
  }

  @Test func `four sites are pooled with a caution`() throws {
    let pooled = try Self.report.get().pooled
    let auc = try #require(pooled.auc)
    #expect(auc.sites == 4)
    #expect(auc.low < auc.estimate && auc.estimate < auc.high)
    #expect(try #require(auc.predictionLow) < auc.low)
    #expect(pooled.cautions.contains { $0.contains("4 external sites") })
  }

  @Test func `a site with few events enters pooled estimates only`() throws {
    let plan = try Practice.plan()
    let hill = try Practice.rows(["hill"]).rows
    let small = hill.prefix(14)
    let rows = PooledRows(rows: try Practice.rows(["north", "coast", "river"]).rows + small)
    let report = try ModelValidation.validate(rows, release: Practice.release(), plan: plan)
    let site = try #require(report.bySite.first { $0.site == "hill" })
    #expect(site.isSmall)
    #expect(site.performance.auc == nil)
    #expect(report.pooled.slope?.sites == 4)
  }

  @Test func `a criterion without a value does not pass`() throws {
    let gate = try Self.report.get().gate
    let signatures = try #require(gate.first { $0.criterion == "signatures" })
    #expect(signatures.value == nil)
    #expect(!signatures.pass)
  }

  @Test func `missing predictors are imputed for a sensitivity analysis`() throws {
    let report = try Self.report.get()
    let own = try #require(report.sensitivity.first { $0.name == "multiple_imputation" })
    #expect(own.n > 446)
    #expect(abs((own.slope?.estimate ?? 0) - 0.4814) < 0.1)
  }

  @Test func `each site is left out of the pooled estimates once`() throws {
    let left = try Self.report.get().sensitivity.filter { $0.name == "without_site" }
    #expect(left.compactMap(\.site) == ["coast", "hill", "north", "river"])
    #expect(left.allSatisfy { $0.pooled?.sites == 3 })
  }

  @Test func `the second endpoint has discrimination and no calibration`() throws {
    let second = try #require(try Self.report.get().secondEndpoint)
    #expect(second.performance.events < 234)
    #expect(second.performance.auc != nil)
    #expect(second.performance.calibration == nil)
  }

  @Test func `both causes share the patients at risk`() throws {
    // By hand: 4 at risk, one progression; 3 at risk, one other death; one left, progressed.
    let steps = LandmarkSurvival.incidence(
      [1, 2, 2, 3],
      [true, false, false, true],
      [false, true, false, false]
    )
    #expect(steps.map(\.time) == [1, 2, 3])
    let expected = [(0.25, 0.0), (0.25, 0.25), (0.75, 0.25)]
    for (step, value) in zip(steps, expected) {
      #expect(abs(step.progression - value.0) < 1e-12)
      #expect(abs(step.competing - value.1) < 1e-12)
    }
  }

  @Test func `competing deaths are counted either way`() throws {
    let report = try Self.report.get()
    let cases = try #require(report.competingCases)
    #expect(cases.asEvents.n == 446 + cases.count)
    #expect(cases.asEvents.events == 234 + cases.count)
    #expect(cases.asNonEvents.events == 234)
  }

  @Test func `the JSON has the keys of the contract`() throws {
    let bytes = try JSONEncoder().encode(Self.report.get())
    let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    let keys = Set((object ?? [:]).keys)
    #expect(
      keys.isSuperset(of: [
        "n", "events", "intercept", "coefficients", "deviance", "aic", "auc", "sensitivity",
        "specificity", "ppv", "npv", "cutoff", "brier", "calibration", "by_site", "pooled",
        "gate", "external",
      ])
    )
    #expect(try JSONDecoder().decode(ValidationReport.self, from: bytes) == Self.report.get())
  }

  @Test func `survival starts at the landmark`() throws {
    let survival = try #require(try Self.report.get().survival)
    #expect(survival.groups.map(\.riskGroup) == ["high", "low"])
    let counted = survival.groups.reduce(0) { $0 + $1.n }
    #expect(counted + survival.endedBefore + survival.unknown == 446)
    #expect(survival.endedBefore > 0)
    #expect(survival.groups.allSatisfy { $0.curve.allSatisfy { $0.time > 0 } })
  }

  @Test func `withdrawn patients are not analysed`() throws {
    let text =
      "consent_withdrawn,t2_sir_week8,adc_mean_week8,nlr,response\n1,2,1,3,SD\n1,1,1,3,PR\n"
    let plan = try Practice.plan()
    let rows = try PooledRows.fromCSV(Data(text.utf8), study: Practice.study.get(), plan: plan)
    #expect(throws: PooledAnalysisError.noCompleteRows) {
      try ModelValidation.validate(rows, release: Practice.release(), plan: plan)
    }
  }
}
