// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

/// Every method either refuses hostile input with its typed error or answers in finite numbers.
struct HostileInputTests {
  static let seeds: [UInt64] = Array(1...40)

  private static func values(
    _ count: Int,
    using generator: inout SeededGenerator
  ) -> [Double] {
    let hostile: [Double] = [
      .nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, 0, -0.0, 1, 1, 2, 0.5,
      1e-308, 1e150,
    ]
    let tame: [Double] = [0, 0.1, 0.25, 0.25, 0.5, 0.75, 0.9, 1]
    let kind = Int.random(in: 0..<5, using: &generator)
    return (0..<count).map { _ in
      switch kind {
      case 0: hostile[Int.random(in: 0..<hostile.count, using: &generator)]
      case 1: 0.3
      case 2: Double.random(in: 0...1, using: &generator)
      case 3: hostile[Int.random(in: 3..<hostile.count, using: &generator)]
      default: tame[Int.random(in: 0..<tame.count, using: &generator)]
      }
    }
  }

  private static func expectFinite(_ numbers: [Double], _ name: String, seed: UInt64) {
    let stray = numbers.filter { !$0.isFinite }
    #expect(stray.isEmpty, "\(name) gave \(numbers); seed \(seed)")
  }

  @Test(arguments: seeds)
  func `survival`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for count in [0, 1, 2, 3, 9, 30] {
      let x = Self.values(count, using: &generator)
      let z = Self.values(count, using: &generator)
      let times = Self.values(count, using: &generator)
      let events = (0..<count).map { _ in Bool.random(using: &generator) }
      if let design = try? DesignMatrix(columnNames: ["x", "z"], columns: [x, z]),
        let fit = try? CoxFit.fit(design, times: times, events: events)
      {
        Self.expectFinite(
          fit.estimates + fit.standardErrors + [fit.logLikelihood, fit.scoreTest.p]
            + fit.hazardAtMeans.map(\.cumulativeHazard),
          "Cox",
          seed: seed
        )
        if let hazard = try? fit.baselineHazard() {
          Self.expectFinite(hazard.map(\.cumulativeHazard), "baseline hazard", seed: seed)
        }
        _ = try? ProportionalHazardsTest.test(
          fit,
          design: design,
          times: times,
          events: events,
          timeScale: .identity
        )
      }
      if let found = try? Concordance.measure(scores: x, times: times, events: events) {
        Self.expectFinite(
          [found.estimate.value, found.estimate.standardError],
          "concordance",
          seed: seed
        )
      }
      if let curve = try? KaplanMeier(times: times, events: events, limitScale: .log) {
        Self.expectFinite(curve.steps.map(\.survival), "Kaplan–Meier", seed: seed)
        if let mean = try? curve.restrictedMean(to: 3) {
          Self.expectFinite([mean.value, mean.standardError], "restricted mean", seed: seed)
        }
      }
      let groups = (0..<count).map { _ in Int.random(in: 0...2, using: &generator) }
      let test = try? LogRank.test(times: times, events: events, groups: groups, rho: 0.5)
      if let test { Self.expectFinite([test.test.statistic, test.test.p], "rank", seed: seed) }
    }
  }

  @Test(arguments: seeds)
  func `calibration`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for count in [0, 1, 2, 5, 6, 12, 40] {
      let risks = Self.values(count, using: &generator)
      let outcomes = (0..<count).map { _ in Bool.random(using: &generator) }
      for surface in [SmoothCalibration.Surface.direct, .interpolated] {
        guard
          let found = try? SmoothCalibration(
            risks: risks,
            outcomes: outcomes,
            surface: surface,
            span: 0.4
          )
        else { continue }
        Self.expectFinite(found.fitted + [found.integratedIndex], "loess", seed: seed)
        if let curve = try? found.curve(pointCount: 7) {
          Self.expectFinite(
            curve.flatMap { [$0.observed, $0.standardError, $0.limits.low] },
            "curve",
            seed: seed
          )
        }
      }
      if let found = try? LowessCalibration(risks: risks, outcomes: outcomes) {
        Self.expectFinite(found.smoothed, "lowess", seed: seed)
      }
      if let found = try? HosmerLemeshow.test(risks: risks, outcomes: outcomes) {
        Self.expectFinite([found.external.statistic, found.external.p], "groups", seed: seed)
      }
      if let found = try? CalibrationHypotheses.test(risks: risks, outcomes: outcomes) {
        Self.expectFinite([found.unreliability.p, found.nagelkerke], "tests", seed: seed)
      }
      let points =
        (try? DecisionCurve.measure(risks: risks, outcomes: outcomes, thresholds: [0.2])) ?? []
      Self.expectFinite(
        points.map(\.netBenefitEstimate.standardError),
        "decision curve",
        seed: seed
      )
    }
  }

  @Test(arguments: seeds)
  func `samples and readers`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for count in [0, 1, 2, 3, 4, 7, 14] {
      let first = Self.values(count, using: &generator)
      let second = Self.values(max(0, count - 1), using: &generator)
      let tests: [TestResult?] = [
        try? ShapiroWilk.test(first), try? TTest.welch(first, second).test,
        try? TTest.pooled(first, second).test, try? TTest.paired(first, first).test,
        try? MannWhitney(first, second).normal(), try? KruskalWallis.test([first, second]),
      ]
      for case let test? in tests {
        Self.expectFinite([test.statistic, test.p], "sample test", seed: seed)
      }
      if let p = try? MannWhitney(first, second).exact() {
        Self.expectFinite([p], "exact", seed: seed)
      }
      let ratios: [FTestResult?] = [
        try? AnalysisOfVariance.oneWay([first, second]),
        try? TTest.varianceRatio(first, second),
      ]
      for case let test? in ratios {
        Self.expectFinite([test.statistic, test.p], "ratio", seed: seed)
      }
      for form in [IntraclassCorrelation.Form.oneWay, .absoluteAgreement, .consistency] {
        for unit in [IntraclassCorrelation.Unit.single, .average] {
          guard
            let found = try? IntraclassCorrelation.measure(
              first.map { [$0, $0 * 0.5] },
              form: form,
              unit: unit
            )
          else { continue }
          Self.expectFinite([found.estimate, found.test.p], "correlation", seed: seed)
        }
      }
      if let found = try? BlandAltman.measure(first, Self.values(count, using: &generator)) {
        Self.expectFinite([found.bias.value, found.limits.low], "limits", seed: seed)
      }
      if let value = try? Quantile.type6(first, 0.9) {
        Self.expectFinite([value], "quantile", seed: seed)
      }
    }
  }

  @Test(arguments: seeds)
  func `effects and sites`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for count in [0, 1, 2, 3, 6] {
      let effects = zip(
        Self.values(count, using: &generator),
        Self.values(count, using: &generator)
      )
      .map { Estimate(value: $0, standardError: $1) }
      for estimator in [
        RandomEffects.Estimator.restrictedMaximumLikelihood, .maximumLikelihood, .pauleMandel,
        .derSimonianLaird, .fixedEffect,
      ] {
        guard let pooled = try? RandomEffects.pool(effects, estimator: estimator) else {
          continue
        }
        Self.expectFinite(
          [
            pooled.mean.value, pooled.mean.standardError, pooled.betweenVariance,
            pooled.heterogeneityRatio, pooled.inconsistency,
          ],
          "\(estimator)",
          seed: seed
        )
        if let limits = try? pooled.betweenVarianceInterval() {
          Self.expectFinite([limits.low, limits.high], "limits of τ²", seed: seed)
        }
      }
      if let found = try? EggerTest.test(effects) {
        Self.expectFinite([found.statistic, found.p], "Egger", seed: seed)
      }
      let pooled = try? PooledImputations.pool(
        terms: effects.indices.map { "\($0)" },
        imputations: [effects, effects.reversed(), effects],
        completeDegreesOfFreedom: 50
      )
      Self.expectFinite(
        pooled?.rows.flatMap { [$0.estimate.value, $0.test.p, $0.missingInformation] } ?? [],
        "imputations",
        seed: seed
      )
    }
    let rows = 24
    let x = Self.values(rows, using: &generator)
    let outcomes = (0..<rows).map { _ in Bool.random(using: &generator) }
    let sites = (0..<rows).map { $0 % 3 }
    if let design = try? DesignMatrix(columnNames: ["x"], columns: [x]),
      let fit = try? RandomInterceptLogistic.fit(
        design,
        outcomes: outcomes,
        sites: sites,
        points: 5
      )
    {
      Self.expectFinite(
        fit.estimates + fit.standardErrors + [fit.deviation, fit.logLikelihood],
        "mixed",
        seed: seed
      )
    }
  }

  @Test func `huge counts do not overflow`() throws {
    let tables = [
      [[Int.max, 1], [2, 3]], [[Int.max, Int.max], [Int.max, Int.max]], [[0, 0], [0, 0]],
    ]
    for table in tables {
      #expect(throws: BiostatisticsError.self) { try ChiSquareTest.independence(table) }
      #expect(throws: BiostatisticsError.self) { try FisherExactTest.test(table) }
      #expect(throws: BiostatisticsError.self) { try FleissKappa.measure(table) }
    }
    let pairs = try McNemar.test(yesNo: .max, noYes: .max)
    #expect(pairs.exactP <= 1)
    let limits = try Proportion(successes: 1, total: .max).jeffreys()
    #expect(limits.low >= 0)
  }
}
