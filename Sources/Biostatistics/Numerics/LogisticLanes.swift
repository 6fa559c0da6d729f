// SPDX-License-Identifier: Apache-2.0

/// Four rows at a time.
typealias Lanes = SIMD4<Double>

/// The parts of a logistic likelihood for four rows at a time.
struct LogisticLanes {
  /// Weight × p (1 − p).
  let information: Lanes
  /// Weight × (outcome − p).
  let residual: Lanes
  /// The fitted risk p.
  let fitted: Lanes
  /// e^−|η|.
  let odds: Lanes
  /// The part of −log-likelihood that is not log(1 + e^−|η|): |η| where the outcome is unlikely.
  let excess: Lanes

  /// Computes the parts; p (1 − p) and the residuals do not vanish before e^−|η| does.
  @inline(__always)
  init(predictor: Lanes, outcome: Lanes, weight: Lanes) {
    let isPositive = predictor .> 0
    let size = predictor.replacing(with: -predictor, where: isPositive)
    let odds = Self.exponential(size)
    self.odds = odds
    let larger = 1 / (1 + odds)
    let smaller = odds * larger
    let fitted = smaller.replacing(with: larger, where: isPositive)
    let rest = larger.replacing(with: smaller, where: isPositive)
    self.fitted = fitted
    information = weight * (larger * smaller)
    residual = weight * (outcome * rest - (1 - outcome) * fitted)
    let against = (1 - 2 * outcome) * predictor
    excess = Lanes(repeating: 0).replacing(with: against, where: against .> 0)
  }

  /// e^x for x ≤ 0, with x below −708 taken as −708, to about one unit in the last place.
  ///
  /// x = k log 2 + r; e^r by its series to r¹³, which leaves 4e-18 at |r| = log 2 / 2.
  @inline(__always)
  static func exponential(_ x: Lanes) -> Lanes {
    let bounded = x.replacing(with: -708, where: x .< -708)
    let shifter = 6_755_399_441_055_744.0
    let shifted = bounded * 1.442_695_040_888_963_4 + shifter
    let whole = shifted - shifter
    let r = (bounded - whole * 0.693_147_180_369_123_8) - whole * 1.908_214_929_270_587_7e-10
    let z = r * r
    var even = Lanes(repeating: 1 / 479_001_600.0)
    var odd = Lanes(repeating: 1 / 6_227_020_800.0)
    even = even * z + 1 / 3_628_800.0
    odd = odd * z + 1 / 39_916_800.0
    even = even * z + 1 / 40_320.0
    odd = odd * z + 1 / 362_880.0
    even = even * z + 1 / 720.0
    odd = odd * z + 1 / 5_040.0
    even = even * z + 1 / 24.0
    odd = odd * z + 1 / 120.0
    even = even * z + 0.5
    odd = odd * z + 1 / 6.0
    even = even * z + 1
    odd = odd * z + 1
    let bits = unsafeBitCast(shifted, to: SIMD4<UInt64>.self)
    let power = (bits &<< 52) &+ SIMD4<UInt64>(repeating: 1023 << 52)
    return (even + odd * r) * unsafeBitCast(power, to: Lanes.self)
  }

  /// log(1 + x) for x in [0, 1] as 2 artanh(x / (2 + x)); its series to the power 33 leaves
  /// 1e-17 of the value.
  @inline(__always)
  static func logOnePlus(_ x: Lanes) -> Lanes {
    let s = x / (2 + x)
    let z = s * s
    let q = z * z
    var even = Lanes(repeating: 1 / 33.0)
    var odd = Lanes(repeating: 1 / 31.0)
    even = even * q + 1 / 29.0
    odd = odd * q + 1 / 27.0
    even = even * q + 1 / 25.0
    odd = odd * q + 1 / 23.0
    even = even * q + 1 / 21.0
    odd = odd * q + 1 / 19.0
    even = even * q + 1 / 17.0
    odd = odd * q + 1 / 15.0
    even = even * q + 1 / 13.0
    odd = odd * q + 1 / 11.0
    even = even * q + 1 / 9.0
    odd = odd * q + 1 / 7.0
    even = even * q + 1 / 5.0
    odd = odd * q + 1 / 3.0
    even = even * q + 1
    return 2 * s * (even + odd * z)
  }
}

extension UnsafeMutablePointer<Double> {
  /// Four values from a position that need not be aligned.
  @inline(__always)
  func lanes(_ position: Int) -> Lanes {
    UnsafeRawPointer(self + position).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  func store(_ value: Lanes, at position: Int) {
    UnsafeMutableRawPointer(self + position).storeBytes(of: value, as: Lanes.self)
  }
}

extension UnsafePointer<Double> {
  /// Four values from a position that need not be aligned.
  @inline(__always)
  func lanes(_ position: Int) -> Lanes {
    UnsafeRawPointer(self + position).loadUnaligned(as: Lanes.self)
  }
}
