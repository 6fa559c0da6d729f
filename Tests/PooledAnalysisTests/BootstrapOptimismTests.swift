// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PooledAnalysis

@Suite struct BootstrapOptimismTests {
  /// R 4.2.2, the definition of rms 6.5.0 `validate`, on given resamples of the recovered cohort.
  @Test func `given resamples give the reference correction`() throws {
    let plan = try Practice.plan()
    let rows = try PooledRows.fromCSV(
      Practice.bytes("han_cohort.csv"),
      study: Practice.study.get(),
      plan: plan
    )
    let set = AnalysisSet(rows, predictors: plan.predictors, plan: plan)
    let text = String(decoding: try Practice.bytes("optimism_seed_idx.csv"), as: UTF8.self)
    let resamples = text.split(separator: "\n").map { line in
      line.split(separator: ",").compactMap { Int($0) }.map { $0 - 1 }
    }
    // The reference numbers its rows in the order of its own file: events before non-events
    // within each pattern, patterns in the same order as here.
    let result = try #require(
      BootstrapOptimism.run(
        .maximumLikelihood,
        names: set.termNames,
        terms: set.patients.terms,
        outcomes: set.patients.outcomes,
        resamples: resamples
      )?.optimism
    )
    #expect(result.samples == 200)
    #expect(result.failed == 7)
    #expect(abs(result.apparentAUC - 0.81148097826087) < 1e-8)
    #expect(abs(result.correctedAUC - 0.793218184388659) < 1e-8)
    #expect(abs(result.correctedSlope - 0.884462763356835) < 1e-7)
    #expect(abs(result.correctedBrier - 0.19385829560173) < 1e-8)
  }

  @Test func `the same seed draws the same rows`() {
    var (first, second) = (SplitMix64(seed: 7), SplitMix64(seed: 7))
    #expect(
      (0..<50).map { _ in first.next(below: 78) } == (0..<50).map { _ in second.next(below: 78) }
    )
  }

  /// The first values of the published generator for seed 1234567.
  @Test func `the generator gives its published values`() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
  }
}
