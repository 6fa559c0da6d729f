// SPDX-License-Identifier: Apache-2.0

/// The numbers of one resample, a function of seed and resample alone, so that results do not
/// depend on the order or the number of threads.
///
/// SplitMix64: Steele et al., OOPSLA 2014, doi:10.1145/2660193.2660195; whole numbers without
/// bias: Lemire, ACM Trans Model Comput Simul 2019;29(1):3, doi:10.1145/3230636.
struct ResamplingStream {
  private var state: UInt64

  init(seed: UInt64, resample: Int) {
    state = Self.mix(seed) ^ Self.mix(UInt64(bitPattern: Int64(resample)) &+ 0x5851_F42D_4C95_7F2D)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A whole number in 0..<bound.
  mutating func next(below bound: Int) -> Int {
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }
}
