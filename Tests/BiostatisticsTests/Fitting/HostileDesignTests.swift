// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

/// Every fit and validation answers malformed or extreme data with a typed error or finite
/// numbers.
struct HostileDesignTests {
  static let designs: [[[Double]]] = [
    [[1e308, -1e308, 1e308, 0, 5, 1e307]],
    [[1e-308, 2e-308, 0, 1e-308, 3e-308, 0]],
    [[7, 7, 7, 7, 7, 7]],
    [[1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12]],
    (0..<9).map { column in (0..<6).map { Double(($0 * (column + 3)) % 7) } },
    [[1e15, 1e15 + 1, 1e15 + 2, 1e15, 1e15 + 1, 1e15 + 3]],
    [[0, 0, 0, 1, 1, 1]],
    [[0, 1, 0, 1, 0, 1], [1e200, -1e200, 3e200, 0, 1e199, 2e200]],
  ]
  static let outcomes: [[Bool]] = [
    [true, false, true, false, true, false],
    [false, false, false, true, true, true],
    [true, true, true, true, true, true],
    [false, false, false, false, false, false],
  ]

  private func numbers(_ design: DesignMatrix, _ outcomes: [Bool]) -> [[Double]] {
    let sites = ["a", "a", "b", "b", "c", "c"]
    let width = design.columnCount
    return [
      (try? LogisticFit.fit(design, outcomes: outcomes))?.estimates,
      (try? FirthFit.fit(design, outcomes: outcomes, limits: .wald))?.estimates,
      (try? AddedCovariateFit.fit(design, outcomes: outcomes))?.estimates,
      (try? RidgeFit.fit(design, outcomes: outcomes, penalty: 1))?.estimates,
      (try? PenalisedPath.fit(design, outcomes: outcomes))?.coefficients.flatMap { $0 },
      (try? PenalisedCrossValidation.measure(
        design,
        outcomes: outcomes,
        folds: [1, 2, 3, 1, 2, 3]
      ))?.meanLosses,
      (try? StepwiseSelection.select(design, outcomes: outcomes, direction: .both))?.fit.estimates,
      (try? OptimismCorrection.measure(design, outcomes: outcomes, resampleCount: 5, seed: 1))
        .map { [$0.corrected.auc, $0.corrected.slope, $0.corrected.brier] },
      (try? OptimismCorrection.measure(
        design,
        outcomes: outcomes,
        resampleCount: 5,
        seed: 1,
        procedure: .firth
      )).map { [$0.corrected.auc, $0.corrected.slope, $0.corrected.brier] },
      (try? InternalExternalValidation.measure(design, outcomes: outcomes, sites: sites))?
        .sites.map(\.auc.estimate),
      (try? Recalibration.measure(
        design,
        outcomes: outcomes,
        coefficients: [Double](repeating: 0.1, count: width + 1)
      )).map { [$0.originalDeviance, $0.logisticSlope.value] },
    ].compactMap { $0 }
  }

  @Test(arguments: designs, outcomes)
  func `no result is not a number`(columns: [[Double]], outcomes: [Bool]) throws {
    let design = try DesignMatrix(
      columnNames: columns.indices.map { "x\($0)" },
      columns: columns
    )
    for result in numbers(design, outcomes) {
      let areFinite = result.allSatisfy { $0.isFinite }
      #expect(areFinite, "\(result)")
    }
  }

  @Test func `an area equals the Mann–Whitney count for many tied scores`() throws {
    var generator = SeededGenerator(seed: 9)
    let scores = (0..<900).map { _ in Double(Int.random(in: -40...40, using: &generator)) / 8 }
    let outcomes = scores.map { $0 + Double.random(in: -4...4, using: &generator) > 0 }
    var twice = 0
    var pairs = 0
    for (one, isCase) in zip(scores, outcomes) where isCase {
      for (other, isOther) in zip(scores, outcomes) where !isOther {
        twice += one > other ? 2 : one == other ? 1 : 0
        pairs += 1
      }
    }
    let area = try AUC.measure(scores: scores, outcomes: outcomes)
    #expect(area.estimate == Double(twice) / Double(2 * pairs))
    let shifted = scores.map { -$0 }
    let comparison = try AUCComparison.paired(scores, shifted, outcomes: outcomes)
    #expect(isClose(comparison.first.estimate, area.estimate))
    let variance = try #require(comparison.first.variance)
    let reference = try #require(area.variance)
    #expect(isClose(variance, reference))
  }

  @Test func `Firth's slopes scale with their columns`() throws {
    let table = try Oracle.table("sex2")
    let design = try table.design(["age", "oc", "vic"])
    let outcomes = try table.flags("case")
    let scaled = try DesignMatrix(
      columnNames: design.columnNames,
      columns: (0..<3).map { index in design.column(index).map { $0 * [1000, 0.001, -3][index] } }
    )
    let first = try FirthFit.fit(design, outcomes: outcomes, limits: .wald)
    let second = try FirthFit.fit(scaled, outcomes: outcomes, limits: .wald)
    for index in 0..<3 {
      let back = second.estimates[index + 1] * [1000, 0.001, -3][index]
      #expect(isClose(back, first.estimates[index + 1]))
    }
  }

  @Test func `without variance between sites both estimators agree`() throws {
    let effects = [0.1, 0.11, 0.09].map { Estimate(value: $0, standardError: 0.5) }
    let moments = try RandomEffects.pool(effects, estimator: .derSimonianLaird)
    let likelihood = try RandomEffects.pool(effects)
    #expect(moments.betweenVariance == 0)
    #expect(likelihood.betweenVariance == 0)
    #expect(isClose(moments.mean.value, likelihood.mean.value))
  }
}
