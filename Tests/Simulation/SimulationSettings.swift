// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// What one seed decides before anything happens.
struct SimulationSettings {
  /// Which end is put back to older states in this run.
  ///
  /// Files of both ends put back between two syncs can leave one replica with two histories that
  /// each have left the device: nothing but a person can settle that. So `inTurns` brings
  /// everything to rest before and after each, and in `bothByProgram` devices are restored by the
  /// program, which gives them a new replica id at once.
  enum Rollback: CaseIterable { case none, devices, center, inTurns, bothByProgram }

  let sites: Int
  let steps: Int
  let faultPercent: Int
  let rollback: Rollback
  /// The most bytes of batches in a message; 1 means one batch each.
  let limitBytes: Int
  /// Whether a device may lose its right to the centre.
  let revokes: Bool
  /// Whether a patient may be erased by law.
  let erases: Bool

  /// Only a device whose files were put back or copied may find that its id is used twice.
  var mayFork: Bool { rollback == .devices || rollback == .inTurns }

  init(seed: UInt64, size: Int, using generator: inout SeededGenerator) {
    let fewest = [3, 3, 3, 4, 5, 8].randomElement(using: &generator) ?? 3
    sites = min(8, fewest + size)
    steps = Int.random(in: 20...(40 * (1 + size)), using: &generator)
    faultPercent = [0, 10, 30, 60].randomElement(using: &generator) ?? 0
    rollback = Rollback.allCases.randomElement(using: &generator) ?? .none
    limitBytes = [4 << 20, 4 << 20, 1, 900].randomElement(using: &generator) ?? 1
    // Not drawn, so that the other seeds tell the stories that they told before.
    erases = seed.isMultiple(of: 2)
    // A centre that is put back before a revocation must learn all of the device's changes from
    // others before the revocation is repeated, so the two are not drawn together.
    revokes = (rollback == .none || rollback == .devices) && Bool.random(using: &generator)
  }
}
