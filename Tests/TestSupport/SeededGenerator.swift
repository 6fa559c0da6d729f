// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Random numbers that come again with the same seed: SplitMix64 (Steele, Lea & Flood 2014).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// The seed of a property: `LOBULE_SEED`, or a fixed one.
  package static let seed =
    ProcessInfo.processInfo.environment["LOBULE_SEED"].flatMap(UInt64.init) ?? 1

  private var state: UInt64

  /// Starts a stream.
  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
