// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Testing

struct CoxFitTests {
  static let columns = ["age", "sex", "ph.ecog"]

  /// The lung cohort without the patient whose ECOG status is missing.
  static func lung() throws -> (design: DesignMatrix, times: [Double], events: [Bool]) {
    let table = try Oracle.table("lung")
    let values = try columns.map { try table.optionalNumbers($0) }
    let rows = table.rows.indices.filter { row in values.allSatisfy { $0[row] != nil } }
    let design = try DesignMatrix(
      columnNames: columns,
      columns: values.map { column in rows.compactMap { column[$0] } }
    )
    let times = try table.numbers("time")
    let events = try table.flags("status")
    return (design, rows.map { times[$0] }, rows.map { events[$0] })
  }

  @Test(arguments: [CoxFit.Ties.efron, .breslow])
  func `coefficients and tests agree with coxph`(ties: CoxFit.Ties) throws {
    let expected = try Oracle.expected("cox_lung")[ties.rawValue]
    let (design, times, events) = try Self.lung()
    let fit = try CoxFit.fit(design, times: times, events: events, ties: ties)
    #expect(fit.count == 227 && fit.events == 164)
    for (key, values) in [
      ("coef", fit.estimates), ("se", fit.standardErrors),
      ("z", fit.coefficients.map(\.z)), ("p", fit.coefficients.map(\.p)),
      ("hr", fit.coefficients.map(\.hazardRatio)),
      ("hr_lower", fit.coefficients.compactMap(\.hazardRatioLow)),
      ("hr_upper", fit.coefficients.compactMap(\.hazardRatioHigh)),
    ] {
      expectClose(values, try expected[key].numbers(Self.columns), within: 1e-9)
    }
    expectClose(
      [fit.nullLogLikelihood, fit.logLikelihood],
      try expected["loglik"].numbers,
      within: 1e-11
    )
    expectClose(
      [
        try fit.likelihoodRatioTest().statistic, fit.scoreTest.statistic,
        try fit.waldTest().statistic,
      ],
      try expected.numbers(["lr", "score_test", "wald"]),
      within: 1e-9
    )
  }

  @Test(arguments: [CoxFit.Ties.efron, .breslow])
  func `the baseline hazard agrees with basehaz`(ties: CoxFit.Ties) throws {
    let expected = try Oracle.expected("cox_lung")[ties.rawValue]["basehaz_head"]
    let (design, times, events) = try Self.lung()
    let fit = try CoxFit.fit(design, times: times, events: events, ties: ties)
    let steps = try fit.baselineHazard().prefix(10)
    expectClose(steps.map(\.time), try expected["time"].numbers)
    for (step, reference) in zip(steps, try expected["cumhaz"].numbers) {
      #expect(isRelativelyClose(step.cumulativeHazard, reference, within: 1e-9))
    }
  }

  @Test func `concordance and its jackknife error agree with coxph`() throws {
    let expected = try Oracle.expected("cox_lung")["efron"]
    let (design, times, events) = try Self.lung()
    let fit = try CoxFit.fit(design, times: times, events: events)
    let found = try Concordance.measure(
      scores: fit.linearPredictor,
      times: times,
      events: events
    )
    expectClose(
      [found.estimate.value, found.estimate.standardError],
      try expected.numbers(["concordance", "concordance_se"]),
      within: 1e-10
    )
    let counts = [
      found.concordant, found.discordant, found.tiedScores, found.tiedTimes, found.tiedBoth,
    ]
    #expect(
      counts.map { Double($0) }
        == (try expected["concordance_counts"].numbers([
          "concordant", "discordant", "tied.x", "tied.y", "tied.xy",
        ]))
    )
  }

  @Test(arguments: [
    ("zph_km", ProportionalHazardsTest.TimeScale.kaplanMeier), ("zph_identity", .identity),
  ])
  func `the test of proportional hazards agrees with cox.zph`(
    key: String,
    timeScale: ProportionalHazardsTest.TimeScale
  ) throws {
    let expected = try Oracle.expected("cox_lung")[key]["values"].list.map { try $0.numbers }
    let (design, times, events) = try Self.lung()
    let fit = try CoxFit.fit(design, times: times, events: events)
    let found = try ProportionalHazardsTest.test(
      fit,
      design: design,
      times: times,
      events: events,
      timeScale: timeScale
    )
    let tests = found.tests + [found.overall]
    expectClose(tests.map(\.statistic), expected.map { $0[0] }, within: 1e-8)
    expectClose(tests.map(\.p), expected.map { $0[2] }, within: 1e-8)
  }

  @Test func `agrees with sums over risk sets written out`() throws {
    let seed: UInt64 = 20_261_124
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let count = Int.random(in: 12...40, using: &generator)
      let x = (0..<count).map { _ in Double.random(in: -2...2, using: &generator) }
      let times = (0..<count).map { _ in Double(Int.random(in: 1...9, using: &generator)) }
      let events = (0..<count).map { _ in Bool.random(using: &generator) }
      for ties in [CoxFit.Ties.efron, .breslow] {
        let design = try DesignMatrix(columnNames: ["x"], columns: [x])
        guard let fit = try? CoxFit.fit(design, times: times, events: events, ties: ties) else {
          continue
        }
        let slow = { Self.logLikelihood($0, x: x, times: times, events: events, ties: ties) }
        let estimate = fit.estimates[0]
        #expect(isClose(fit.logLikelihood, slow(estimate), within: 1e-10), "seed \(seed)")
        #expect(isClose(fit.nullLogLikelihood, slow(0), within: 1e-10), "seed \(seed)")
        #expect(slow(estimate) >= max(slow(estimate - 1e-3), slow(estimate + 1e-3)))
      }
    }
  }

  /// The log partial likelihood of one column, from its definition, O(n²).
  private static func logLikelihood(
    _ coefficient: Double,
    x: [Double],
    times: [Double],
    events: [Bool],
    ties: CoxFit.Ties
  ) -> Double {
    let risk = x.map { exp(coefficient * $0) }
    var sum = 0.0
    for time in Set(times) {
      let failed = x.indices.filter { times[$0] == time && events[$0] }
      let atRisk = x.indices.filter { times[$0] >= time }.reduce(0) { $0 + risk[$1] }
      let tied = failed.reduce(0) { $0 + risk[$1] }
      for (order, row) in failed.enumerated() {
        let share = ties == .efron ? Double(order) / Double(failed.count) : 0
        sum += coefficient * x[row] - log(atRisk - share * tied)
      }
    }
    return sum
  }

  @Test func `a coefficient that grows without limit is refused by name`() throws {
    let x: [Double] = [1, 1, 1, 1, 0, 0, 0, 0]
    let z: [Double] = [0, 1, 0, 1, 1, 0, 0, 1]
    let design = try DesignMatrix(columnNames: ["x", "z"], columns: [x, z])
    let events = x.map { $0 == 1 }
    #expect(throws: BiostatisticsError.separated(.quasiComplete, columns: ["x"])) {
      try CoxFit.fit(design, times: [4, 3, 2, 1, 5, 6, 7, 8], events: events)
    }
  }

  @Test func `hostile input is refused`() throws {
    let design = try DesignMatrix(columnNames: ["x"], columns: [[1, 2, 4]])
    let constant = try DesignMatrix(columnNames: ["x"], columns: [[3, 3, 3]])
    let events = [true, false, true]
    #expect(throws: BiostatisticsError.noEvents(count: 3)) {
      try CoxFit.fit(design, times: [1, 2, 3], events: [false, false, false])
    }
    #expect(throws: BiostatisticsError.rankDeficient(columns: ["x"])) {
      try CoxFit.fit(constant, times: [1, 2, 3], events: events)
    }
    #expect(throws: BiostatisticsError.notFinite(input: "times", position: 1)) {
      try CoxFit.fit(design, times: [1, .nan, 3], events: events)
    }
    #expect(throws: BiostatisticsError.countsDiffer(expected: 3, found: 2)) {
      try CoxFit.fit(design, times: [1, 2], events: events)
    }
    let wide = try DesignMatrix(
      columnNames: ["a", "b", "c"],
      columns: [[1, 2, 4], [0, 1, 5], [2, 9, 4]]
    )
    #expect(throws: BiostatisticsError.rankDeficient(columns: ["c"])) {
      try CoxFit.fit(wide, times: [1, 2, 3], events: [true, true, true])
    }
  }

  @Test func `units of a column do not matter`() throws {
    let (design, times, events) = try Self.lung()
    let fit = try CoxFit.fit(design, times: times, events: events)
    for scale in [1e-120, 1e120] {
      let scaled = try DesignMatrix(
        columnNames: design.columnNames,
        columns: (0..<3).map { index in design.column(index).map { $0 * scale } }
      )
      let other = try CoxFit.fit(scaled, times: times, events: events)
      expectClose(other.coefficients.map(\.z), fit.coefficients.map(\.z), within: 1e-9)
    }
  }
}
