// SPDX-License-Identifier: Apache-2.0
import Foundation
import PooledAnalysis

/// What one simulated registry led to.
struct Repeat: Sendable {
  /// Whether the plan's gate lets the candidate pass.
  let isReleased: Bool
  /// Whether the candidate's expected log loss exceeds the incumbent's by more than 0.002.
  let isWorse: Bool
  /// Conditions that were not met.
  let failed: [String]
  /// Whether the earlier gate would have let the refit pass.
  let isReleasedByMutant: Bool

  static let worseBy = 0.002

  static func run(_ truth: Truth, size: Int, world: World, seed: UInt64) -> Repeat {
    let table = world.registry(truth, size: size, seed: seed)
    let update = ModelUpdate(
      table,
      coefficients: world.coefficients,
      covariance: world.covariance,
      rules: world.plan.updating,
      gate: world.rules
    )
    let results = Gate.evaluate(
      world.rules,
      evidence: update.evidence(world.rules),
      context: GateContext(signaturesRequired: 2)
    )
    let candidate = update.candidate.coefficients
    let rise =
      world.expectedLoss(candidate, truth) - world.expectedLoss(world.coefficients, truth)
    return Repeat(
      isReleased: results.allSatisfy(\.pass),
      isWorse: rise > worseBy,
      failed: results.filter { !$0.pass }.map(\.criterion),
      isReleasedByMutant: EarlierGate.passes(update)
    )
  }
}
