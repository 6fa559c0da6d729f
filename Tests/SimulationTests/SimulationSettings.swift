// SPDX-License-Identifier: Apache-2.0

/// What one seed decides before anything happens.
struct SimulationSettings {
  /// Which end is put back to older states in this run.
  ///
  /// Both ends between two syncs can leave one replica with two histories that each have left the
  /// device: nothing but a person can settle that. So `inTurns` brings everything to rest before
  /// and after each.
  enum Rollback: CaseIterable { case none, devices, center, inTurns }

  let sites: Int
  let steps: Int
  let faultPercent: Int
  let rollback: Rollback

  init(size: Int, using generator: inout SeededGenerator) {
    sites = Int.random(in: 3...max(3, min(8, 3 + size)), using: &generator)
    steps = Int.random(in: 20...(40 * (1 + size)), using: &generator)
    faultPercent = [0, 10, 30, 60].randomElement(using: &generator) ?? 0
    rollback = Rollback.allCases.randomElement(using: &generator) ?? .none
  }
}
