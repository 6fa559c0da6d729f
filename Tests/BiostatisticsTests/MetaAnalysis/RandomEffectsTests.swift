// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct RandomEffectsTests {
  struct Case: CustomTestStringConvertible {
    let data: String
    let key: String
    let estimator: RandomEffects.Estimator
    let inference: RandomEffects.Inference
    var testDescription: String { "\(data) \(key)" }
  }

  static let cases = ["bcg", "homogeneous", "three_sites"].flatMap { data in
    [
      ("REML", RandomEffects.Estimator.restrictedMaximumLikelihood),
      ("DL", .derSimonianLaird), ("ML", .maximumLikelihood), ("EE", .fixedEffect),
    ].flatMap { name, estimator in
      [("z", RandomEffects.Inference.normal), ("knha", .hartungKnapp)].map {
        Case(data: data, key: "\(name)_\($0)", estimator: estimator, inference: $1)
      }
    }
  }

  static func effects(_ data: String) throws -> [Estimate] {
    let file = try Oracle.file("meta_inline")
    guard data != "bcg" else {
      let variances = try file["inputs"]["vi"].numbers
      return zip(try file["inputs"]["yi"].numbers, variances).map {
        Estimate(value: $0, standardError: $1.squareRoot())
      }
    }
    let expected = try file["expected"][data]
    return zip(try expected["yi"].numbers, try expected["sei"].numbers).map {
      Estimate(value: $0, standardError: $1)
    }
  }

  @Test(arguments: cases)
  func `agrees with metafor`(example: Case) throws {
    let expected = try Oracle.expected("meta_inline")[example.data][example.key]
    let pooled = try RandomEffects.pool(
      Self.effects(example.data),
      estimator: example.estimator,
      inference: example.inference
    )
    let limits = try pooled.interval()
    let test = try pooled.test()
    expectClose(
      [
        pooled.mean.value, pooled.mean.standardError, limits.low, limits.high, test.statistic,
        test.p, pooled.betweenVariance, pooled.inconsistency * 100,
        pooled.heterogeneity.statistic, pooled.heterogeneity.p,
      ],
      try expected.numbers([
        "mu", "se", "ci_lower", "ci_upper", "stat", "p", "tau2", "I2", "Q", "Q_p",
      ])
    )
  }

  @Test(arguments: cases.filter { $0.estimator != .fixedEffect })
  func `prediction limits agree in both conventions`(example: Case) throws {
    let expected = try Oracle.expected("meta_inline")[example.data][example.key]
    let pooled = try RandomEffects.pool(
      Self.effects(example.data),
      estimator: example.estimator,
      inference: example.inference
    )
    let higgins = try pooled.predictionInterval(.higgins)
    let asMean = try pooled.predictionInterval(.asMean)
    expectClose(
      [higgins.low, higgins.high, asMean.low, asMean.high],
      try expected.numbers([
        "pi_t_kminus2_lower", "pi_t_kminus2_upper", "pi_metafor_lower", "pi_metafor_upper",
      ])
    )
  }

  @Test(arguments: ["bcg", "homogeneous", "three_sites"])
  func `limits of the variance between sites agree with metafor`(data: String) throws {
    let expected = try Oracle.expected("meta_inline")[data]["reml_tau_ci_q_profile"]
    let limits = try RandomEffects.pool(Self.effects(data)).betweenVarianceInterval()
    // The reference states 1e-6 for these limits.
    expectClose(
      [limits.low, limits.high],
      [try expected["lower"].numbers[0], try expected["upper"].numbers[0]],
      within: 1e-6
    )
  }

  @Test func `the bounded standard error is not below the normal one`() throws {
    let effects = try Self.effects("homogeneous")
    let normal = try RandomEffects.pool(effects, inference: .normal)
    let free = try RandomEffects.pool(effects, inference: .hartungKnapp)
    let bounded = try RandomEffects.pool(effects, inference: .hartungKnappNotBelowNormal)
    #expect(free.mean.standardError < normal.mean.standardError)
    #expect(bounded.mean.standardError == normal.mean.standardError)
  }

  @Test func `restricted likelihood is highest at its estimate`() throws {
    for seed in UInt64(1)...50 {
      var generator = SeededGenerator(seed: seed)
      let effects = (0..<5).map { _ in
        Estimate(
          value: Double.random(in: -1...1, using: &generator),
          standardError: Double.random(in: 0.1...0.5, using: &generator)
        )
      }
      let best = try RandomEffects.pool(effects).betweenVariance
      let top = Self.restrictedLogLikelihood(effects, best)
      for step in 0...400 {
        let other = Double(step) * 0.005
        #expect(
          Self.restrictedLogLikelihood(effects, other) <= top + 1e-9,
          "seed \(seed)"
        )
      }
    }
  }

  private static func restrictedLogLikelihood(_ effects: [Estimate], _ variance: Double) -> Double {
    let weights = effects.map { 1 / ($0.variance + variance) }
    let total = weights.reduce(0, +)
    let mean = zip(effects, weights).reduce(0) { $0 + $1.0.value * $1.1 } / total
    let spread = zip(effects, weights).reduce(0) {
      $0 + $1.1 * ($1.0.value - mean) * ($1.0.value - mean)
    }
    let logs = weights.reduce(0) { $0 + logarithm($1) }
    return (logs - logarithm(total) - spread) / 2
  }

  /// The natural logarithm from the library's own log odds: log x = logit(x / (1 + x)).
  private static func logarithm(_ value: Double) -> Double { Logit.of(value / (1 + value)) }

  @Test func `without heterogeneity the two estimators agree`() throws {
    let effects = [0.5, 0.52, 0.49, 0.51].enumerated().map {
      Estimate(value: $1, standardError: 0.2 + 0.05 * Double($0))
    }
    let moments = try RandomEffects.pool(effects, estimator: .derSimonianLaird)
    let restricted = try RandomEffects.pool(effects, estimator: .restrictedMaximumLikelihood)
    #expect(moments.betweenVariance == 0)
    #expect(restricted.betweenVariance == 0)
    #expect(moments.mean == restricted.mean)
  }

  @Test func `one site is refused`() {
    #expect(throws: BiostatisticsError.tooFew(what: "sites", needed: 2, found: 1)) {
      try RandomEffects.pool([Estimate(value: 1, standardError: 1)])
    }
  }

  @Test func `two sites have no prediction interval on k minus 2`() throws {
    let pooled = try RandomEffects.pool([
      Estimate(value: 1, standardError: 1), Estimate(value: 2, standardError: 1),
    ])
    #expect(throws: BiostatisticsError.tooFew(what: "sites", needed: 3, found: 2)) {
      try pooled.predictionInterval(.higgins)
    }
  }
}
