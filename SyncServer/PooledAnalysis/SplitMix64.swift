// SPDX-License-Identifier: Apache-2.0

/// A small seeded generator, so that a report can be repeated from its seed.
///
/// Source: Steele, Lea & Flood, OOPSLA 2014, doi:10.1145/2660193.2660195.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// The stream of a seed from some place on.
  init(seed: UInt64, skipping count: UInt64) {
    state = seed &+ count &* 0x9E37_79B9_7F4A_7C15
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from 0 to `limit` − 1; its bias, limit over 2⁶⁴, is beyond measuring.
  package mutating func next(below limit: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(limit)).high)
  }
}
