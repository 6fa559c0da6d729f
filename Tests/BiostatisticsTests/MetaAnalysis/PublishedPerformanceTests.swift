// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct PublishedPerformanceTests {
  private static func concordances() throws -> [(
    estimate: Estimate, source: PublishedPerformance.Source
  )] {
    let table = try Oracle.table("euroscore")
    let columns = try ["c", "se_c", "ci_lower", "ci_upper", "n", "events"].map {
      try table.optionalNumbers($0)
    }
    return try table.rows.indices.map { row in
      let value = columns.map { $0[row] }
      let limits = value[2].flatMap { low in value[3].map { Interval(low: low, high: $0) } }
      return try PublishedPerformance.logitConcordance(
        c: #require(value[0]),
        standardError: value[1],
        limits: limits,
        count: value[4].map { Int($0) },
        events: value[5].map { Int($0) }
      )
    }
  }

  private static func ratios() throws -> [Estimate] {
    let table = try Oracle.table("euroscore")
    let columns = try ["events", "expected", "n"].map { try table.numbers($0) }
    return try table.rows.indices.map {
      try PublishedPerformance.logObservedToExpected(
        observed: columns[0][$0],
        expected: columns[1][$0],
        count: columns[2][$0]
      )
    }
  }

  @Test func `restored log odds and errors agree with metamisc`() throws {
    let expected = try Oracle.expected("valmeta_euroscore")
    let found = try Self.concordances()
    expectClose(
      found.map(\.estimate.value),
      try expected["ccalc_theta"].numbers,
      within: 1e-12
    )
    expectClose(
      found.map(\.estimate.standardError),
      try expected["ccalc_se"].numbers,
      within: 1e-10
    )
    let names: [PublishedPerformance.Source: String] = [
      .standardError: "Standard Error", .confidenceInterval: "Confidence Interval",
      .counts: "Newcombe (Method 4)",
    ]
    #expect(
      found.map { names[$0.source] ?? "" }
        == (try expected["ccalc_source"].list.map { try $0.text })
    )
    let ratios = try Self.ratios()
    expectClose(ratios.map(\.value), try expected["oecalc_theta"].numbers, within: 1e-12)
    expectClose(ratios.map(\.standardError), try expected["oecalc_se"].numbers, within: 1e-12)
  }

  @Test func `pooled performance agrees with valmeta`() throws {
    let expected = try Oracle.expected("valmeta_euroscore")
    for (key, effects, back) in [
      ("cstat", try Self.concordances().map(\.estimate), { Logit.inverse($0) }),
      ("oe", try Self.ratios(), { exponential($0) }),
    ] as [(String, [Estimate], (Double) -> Double)] {
      let pooled = try RandomEffects.pool(effects)
      let limits = try pooled.interval().map(back)
      let prediction = try pooled.predictionInterval(.higgins).map(back)
      let reference = try expected[key]
      // valmeta stops its iteration for τ² early: 1e-4.
      expectClose(
        [
          back(pooled.mean.value), limits.low, limits.high, prediction.low, prediction.high,
          pooled.betweenVariance,
        ],
        [try reference["est"].number] + (try reference["ci"].numbers)
          + (try reference["pi"].numbers) + [try reference["tau2"].number],
        within: 1e-4
      )
    }
  }

  @Test(arguments: [
    ("REML", RandomEffects.Estimator.restrictedMaximumLikelihood), ("DL", .derSimonianLaird),
    ("ML", .maximumLikelihood), ("EE", .fixedEffect),
  ])
  func `pooled log odds agree with metafor`(
    name: String,
    estimator: RandomEffects.Estimator
  ) throws {
    for (suffix, inference) in [
      ("z", RandomEffects.Inference.normal), ("knha", .hartungKnapp),
    ] {
      let expected = try Oracle.expected("valmeta_euroscore")["ma_logit_c"]["\(name)_\(suffix)"]
      let pooled = try RandomEffects.pool(
        Self.concordances().map(\.estimate),
        estimator: estimator,
        inference: inference
      )
      let limits = try pooled.interval()
      expectClose(
        [
          pooled.mean.value, pooled.mean.standardError, limits.low, limits.high,
          pooled.betweenVariance, pooled.inconsistency * 100, pooled.heterogeneityRatio,
        ],
        try expected.numbers(["mu", "se", "ci_lower", "ci_upper", "tau2", "I2", "H2"]),
        within: 1e-8
      )
    }
  }

  @Test func `reports without any error are refused`() {
    #expect(throws: BiostatisticsError.tooFew(what: "counts", needed: 2, found: 0)) {
      try PublishedPerformance.logitConcordance(c: 0.8)
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "c", value: 1)) {
      try PublishedPerformance.logitConcordance(c: 1, standardError: 0.1)
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "observed", value: 0)) {
      try PublishedPerformance.logObservedToExpected(observed: 0, expected: 3)
    }
  }
}

/// e to the power x, from the odds of its inverse log odds.
private func exponential(_ x: Double) -> Double {
  let risk = Logit.inverse(x)
  return risk / (1 - risk)
}
