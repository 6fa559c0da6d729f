// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct RandomEffectsSiteTests {
  @Test(arguments: RandomEffectsTests.cases)
  func `the error of τ² and H² agree with metafor`(example: RandomEffectsTests.Case) throws {
    let expected = try Oracle.expected("meta_inline")[example.data][example.key]
    let pooled = try RandomEffects.pool(
      RandomEffectsTests.effects(example.data),
      estimator: example.estimator,
      inference: example.inference
    )
    expectClose([pooled.heterogeneityRatio], [try expected["H2"].number], within: 1e-9)
    let reference = try expected["se_tau2"].optionalNumber
    #expect((pooled.betweenVarianceError == nil) == (reference == nil))
    if let error = pooled.betweenVarianceError, let reference {
      #expect(isClose(error, reference, within: 1e-9))
    }
  }

  @Test(arguments: ["bcg", "homogeneous", "three_sites"])
  func `predictions of sites and limits of I² agree with metafor`(data: String) throws {
    let expected = try Oracle.expected("meta_inline")[data]
    let pooled = try RandomEffects.pool(
      RandomEffectsTests.effects(data),
      inference: .normal
    )
    let predictions = pooled.sitePredictions
    expectClose(
      predictions.map(\.value),
      try expected["reml_blup"]["pred"].numbers,
      within: 1e-9
    )
    expectClose(
      predictions.map(\.standardError),
      try expected["reml_blup"]["se"].numbers,
      within: 1e-9
    )
    let limits = try pooled.inconsistencyInterval()
    let profile = try expected["reml_tau_ci_q_profile"]
    expectClose(
      [limits.low * 100, limits.high * 100],
      [try profile["lower"].numbers[2], try profile["upper"].numbers[2]],
      within: 1e-6
    )
  }

  @Test(arguments: ["bcg", "homogeneous"])
  func `Egger's test agrees with metafor`(data: String) throws {
    let expected = try Oracle.expected("meta_inline")[data]["egger"]
    let found = try EggerTest.test(RandomEffectsTests.effects(data))
    expectClose([found.statistic, found.p], try expected.numbers(["t", "p"]), within: 1e-9)
  }

  /// metafor finds Paule and Mandel's τ² by uniroot with its default tolerance of 1.2e-4, so its
  /// numbers are good to that only; the next test holds ours to the defining equation.
  @Test(arguments: ["bcg", "homogeneous", "three_sites"])
  func `Paule and Mandel's variance agrees with metafor as far as it iterates`(
    data: String
  ) throws {
    let expected = try Oracle.expected("meta_inline")[data]["PM_z"]
    let pooled = try RandomEffects.pool(
      RandomEffectsTests.effects(data),
      estimator: .pauleMandel,
      inference: .normal
    )
    #expect(abs(pooled.betweenVariance - (try expected["tau2"].number)) < 1.23e-4)
    let error = try #require(pooled.betweenVarianceError)
    #expect(abs(error - (try expected["se_tau2"].number)) < 1.23e-4)
  }

  @Test(arguments: ["bcg", "three_sites"])
  func `Paule and Mandel's variance gives Q its degrees of freedom`(data: String) throws {
    let effects = try RandomEffectsTests.effects(data)
    let variance = try RandomEffects.pool(effects, estimator: .pauleMandel).betweenVariance
    let weights = effects.map { 1 / ($0.variance + variance) }
    let total = weights.reduce(0, +)
    let mean = zip(effects, weights).reduce(0) { $0 + $1.0.value * $1.1 } / total
    let spread = zip(effects, weights).reduce(0) {
      $0 + $1.1 * ($1.0.value - mean) * ($1.0.value - mean)
    }
    expectClose([spread], [Double(effects.count - 1)], within: 1e-10)
  }

  /// The reference prints t = 7e15 for three effects on a line; there is nothing to divide by.
  @Test func `effects on a line have no test of asymmetry`() throws {
    let effects = try RandomEffectsTests.effects("three_sites")
    #expect(throws: BiostatisticsError.zeroVariance("effects")) { try EggerTest.test(effects) }
  }
}
