// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct TermSelectionTests {
  private struct Noise {
    var columns: [[Double]] = []
    var outcomes: [Bool] = []
  }

  /// Two columns that matter and four that do not.
  private func noise(_ seed: UInt64) -> Noise {
    var random = SplitMix64(seed: seed)
    var result = Noise(columns: Array(repeating: [], count: 6))
    for _ in 0..<400 {
      let row = (0..<6).map { _ in Double(random.next(below: 1000)) / 500 - 1 }
      for (index, value) in row.enumerated() { result.columns[index].append(value) }
      let predictor = 1.2 * row[0] - 1.5 * row[3]
      let draw = Double(random.next(below: 1_000_000)) / 1_000_000
      result.outcomes.append(draw < Logit.inverse(predictor))
    }
    return result
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `single terms leave as in stepwise selection`(seed: UInt64) throws {
    let data = noise(seed)
    let names = (0..<6).map { "x\($0)" }
    let design = try DesignMatrix(columnNames: names, columns: data.columns)
    let groups = names.enumerated().map { TermSelection.Group(name: $1, terms: [$0]) }
    let own = try TermSelection(groups: groups, penaltyPerParameter: 2)
      .run(design, outcomes: data.outcomes, weights: nil)
    let reference = try StepwiseSelection.select(
      design,
      outcomes: data.outcomes,
      direction: .backward
    )
    #expect(own.names == reference.kept)
    #expect(own.steps.count == reference.steps.count)
    for (step, other) in zip(own.steps, reference.steps) {
      #expect(abs(step.criterion - other.criterion) < 1e-8)
    }
  }

  @Test func `terms of one predictor leave together`() throws {
    let data = noise(5)
    let design = try DesignMatrix(
      columnNames: (0..<6).map { "x\($0)" },
      columns: data.columns
    )
    let groups = [
      TermSelection.Group(name: "a", terms: [0, 1]),
      TermSelection.Group(name: "b", terms: [2, 4, 5]), TermSelection.Group(name: "c", terms: [3]),
    ]
    let own = try TermSelection(groups: groups, penaltyPerParameter: 10)
      .run(design, outcomes: data.outcomes, weights: nil)
    #expect(own.names == ["a", "c"])
    #expect(own.kept == [0, 1, 3])
  }

  @Test func `the selection is repeated in every left-out site and every resample`() throws {
    let plan = try Practice.plan {
      $0["selection"] = ["penalty_per_parameter": 10]
      $0["bootstrap"] = ["samples": 20, "seed": 3]
    }
    let report = try ModelRefit.refit(Practice.rows(), plan: plan, incumbent: Practice.release())
    let selection = try #require(report.selection)
    let sites = try #require(report.crossValidation).bySite.compactMap(\.site)
    #expect(Set(selection.bySite.keys) == Set(sites))
    #expect(selection.steps.count == 4 - selection.kept.count)
    #expect(selection.inclusion.count == 3)
    #expect(selection.inclusion.values.allSatisfy { (0...1).contains($0) })
    let chosen = try #require(report.models["firth"])
    for (index, predictor) in plan.predictors.enumerated()
    where !selection.kept.contains(predictor.column) {
      #expect(chosen.coefficients[index].estimate == 0)
    }
  }

  @Test func `a plan selects nothing unless it says so`() throws {
    #expect(try TermSelection(Practice.plan()) == nil)
    #expect(throws: PooledAnalysisError.planInconsistent("selection")) {
      try Practice.plan { $0["selection"] = ["method": "forward"] }
    }
  }
}
