// SPDX-License-Identifier: Apache-2.0
import Replication

/// A double as a whole number over a power of ten, when that returns the very same bits.
struct DecimalScale: Hashable {
  /// The whole number.
  let mantissa: Int64
  /// The power of ten, 0 to 15.
  let exponent: UInt8

  /// Every power is exact in a double, and so is every mantissa up to 2⁵³: the quotient is the
  /// double nearest to the decimal.
  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]
  private static let greatestMantissa: Double = 9_007_199_254_740_992

  /// Finds the smallest exponent; nil when no decimal returns the same bits.
  init?(exactly value: Double) {
    for (exponent, power) in Self.powers.enumerated() {
      let scaled = (value * power).rounded()
      guard abs(scaled) <= Self.greatestMantissa else { return nil }
      guard (scaled / power).bitPattern == value.bitPattern,
        let mantissa = Int64(exactly: scaled), mantissa != 0 || value.sign == .plus
      else { continue }
      self.mantissa = mantissa
      self.exponent = UInt8(exponent)
      return
    }
    return nil
  }

  /// The double of a mantissa and an exponent; nil when either is out of range.
  static func value(mantissa: Int64, exponent: UInt8) -> Double? {
    guard exponent < powers.count, mantissa.magnitude <= UInt64(greatestMantissa) else {
      return nil
    }
    return Double(mantissa) / powers[Int(exponent)]
  }

  /// The mantissa of a double at an exponent; nil when that does not return the same bits.
  static func mantissa(of value: Double, exponent: UInt8) -> Int64? {
    let power = powers[Int(exponent)]
    let scaled = (value * power).rounded()
    guard abs(scaled) <= greatestMantissa, (scaled / power).bitPattern == value.bitPattern,
      let mantissa = Int64(exactly: scaled), mantissa != 0 || value.sign == .plus
    else { return nil }
    return mantissa
  }

  /// The greatest of the smallest exponents of the decimals among some values; nil when none of
  /// them has one.
  static func commonExponent(_ values: [Value]) -> UInt8? {
    var common: UInt8?
    for case .decimal(let number) in values {
      if let common, mantissa(of: number, exponent: common) != nil { continue }
      if let scale = DecimalScale(exactly: number), scale.exponent >= common ?? 0 {
        common = scale.exponent
      }
    }
    return common
  }
}
