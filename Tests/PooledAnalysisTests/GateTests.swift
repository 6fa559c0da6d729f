// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct GateTests {
  static let drift = Result {
    let rows = try (1...10).flatMap { number -> [AnalysisRow] in
      let name = String(format: "d%02d", number)
      return try PooledRows.fromCSV(
        Practice.bytes("../HospitalsDrift/\(name).csv"),
        study: Practice.study.get(),
        plan: Practice.plan()
      ).rows.map { AnalysisRow(patient: "\(name) \($0.patient)", site: name, values: $0.values) }
    }
    return try ModelRefit.refit(
      PooledRows(rows: rows),
      plan: Practice.plan(),
      incumbent: Practice.release(),
      context: context
    )
  }

  static let context = GateContext(signaturesRequired: 2)

  static let practice = Result {
    try ModelRefit.refit(
      Practice.rows(),
      plan: Practice.plan(),
      incumbent: Practice.release(),
      context: context
    )
  }

  private func result(_ key: String, _ report: RefitReport) throws -> GateResult {
    try #require(report.gate.first { $0.criterion == key })
  }

  @Test func `on the practice hospitals improvement is not shown`() throws {
    let report = try Self.practice.get()
    #expect(!report.gatePassed)
    #expect(try !result("log_loss_difference", report).pass)
  }

  @Test func `north would be worse by about 0.10 in log loss`() throws {
    let worst = try result("worst_site", Self.practice.get())
    #expect(!worst.pass)
    #expect(worst.note?.hasPrefix("north") == true)
    #expect(Practice.isClose(worst.value, 0.10, 0.02))
  }

  @Test func `ten hospitals in which the release is wrong pass`() throws {
    let report = try Self.drift.get()
    #expect(report.gate.filter { !$0.pass }.map(\.criterion) == [])
    #expect(report.gatePassed)
  }

  @Test func `one hospital that would be harmed stops all of them`() throws {
    var evidence = try #require(try Self.drift.get().update?.evidence)
    let rules = try #require(try Practice.plan().gate)
    let north = try #require(
      try Self.practice.get().update?.evidence.sites.first { $0.site == "north" }
    )
    evidence.sites.append(north)
    let results = Gate.evaluate(rules, evidence: evidence, context: Self.context)
    #expect(results.filter { !$0.pass }.map(\.criterion) == ["worst_site"])
  }

  @Test func `development patients are not counted`() throws {
    let report = try Self.practice.get()
    #expect(try result("external_events", report).value == 234)
    #expect(try result("external_non_events", report).value == 212)
  }

  @Test func `without a release channel the signatures are not met`() throws {
    let evidence = try #require(try Self.drift.get().update?.evidence)
    let rules = try #require(try Practice.plan().gate)
    let results = Gate.evaluate(rules, evidence: evidence, context: GateContext())
    #expect(results.filter { !$0.pass }.map(\.criterion) == ["signatures"])
  }

  @Test(arguments: [(150, 2.0, false), (250, 2.0, true), (10, 13.0, true)])
  func `a look is due after 200 events or 12 months`(
    events: Int,
    months: Double,
    isDue: Bool
  )
    throws
  {
    let evidence = try #require(try Self.drift.get().update?.evidence)
    let rules = try #require(try Practice.plan().gate)
    let now = 2_000_000_000
    let results = Gate.evaluate(
      rules,
      evidence: evidence,
      context: GateContext(
        look: 2,
        lastLook: .init(
          at: now - Int(months * 86_400 * 365.25 / 12),
          events: evidence.events - events
        ),
        now: now,
        signaturesRequired: 2
      )
    )
    #expect(results.first { $0.criterion == "look" }?.pass == isDue)
  }

  @Test func `harm shown at one threshold is a veto`() throws {
    var evidence = try #require(try Self.drift.get().update?.evidence)
    let rules = try #require(try Practice.plan().gate)
    evidence.netBenefit[1].high = -0.001
    let results = Gate.evaluate(rules, evidence: evidence, context: Self.context)
    #expect(results.filter { !$0.pass }.map(\.criterion) == ["net_benefit_0.5"])
  }

  @Test func `a site that is worse by more than the limit fails only when it is shown`() throws {
    var evidence = try #require(try Self.drift.get().update?.evidence)
    let rules = try #require(try Practice.plan().gate)
    (evidence.sites[0].difference, evidence.sites[0].low) = (0.03, -0.001)
    let before = Gate.evaluate(rules, evidence: evidence, context: Self.context)
    #expect(before.filter { !$0.pass }.map(\.criterion) == [])
    evidence.sites[0].low = 0.001
    let results = Gate.evaluate(rules, evidence: evidence, context: Self.context)
    #expect(results.filter { !$0.pass }.map(\.criterion) == ["worst_site"])
  }

  @Test func `with few patients coefficients stay`() throws {
    let report = try ModelRefit.refit(
      Practice.rows(["han", "coast", "hill"]),
      plan: Practice.plan(),
      incumbent: Practice.release(),
      context: Self.context
    )
    #expect(report.update?.openSteps == [.keep, .intercept, .interceptSlope])
    #expect(try !result("external_sites", report).pass)
  }

  @Test func `with one external site there is no evidence`() throws {
    let report = try ModelRefit.refit(
      Practice.rows(["han", "north"]),
      plan: Practice.plan(),
      incumbent: Practice.release(),
      context: Self.context
    )
    #expect(report.update?.evidence.absence != nil)
    #expect(!report.gatePassed)
  }

  @Test func `the standard error is never below the fixed-effect one`() throws {
    func site(_ name: String, _ difference: Double) -> SiteComparison {
      SiteComparison(
        site: name,
        n: 100,
        events: 50,
        step: .intercept,
        logLoss: 0.6,
        incumbentLogLoss: 0.6,
        difference: difference,
        se: 0.1,
        low: -1,
        high: 1
      )
    }
    let pooled = try #require(PooledDifference.pool([site("a", 0), site("b", 0), site("c", 0)]))
    #expect(abs(pooled.se - 0.1 / 3.0.squareRoot()) < 1e-12)
  }
}
