// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import SyncProtocol

struct DecimalScaleTests {
  @Test(
    arguments: [
      (0.0, 0, 0), (1.0, 1, 0), (-2.5, -25, 1), (1.085, 1085, 3), (0.1, 1, 1), (1e-15, 1, 15),
      (9_007_199_254_740_992, 9_007_199_254_740_992, 0),
    ] as [(Double, Int64, UInt8)]
  )
  func `a decimal has its smallest scale`(value: Double, mantissa: Int64, exponent: UInt8) {
    let scale = DecimalScale(exactly: value)
    #expect(scale?.mantissa == mantissa)
    #expect(scale?.exponent == exponent)
  }

  @Test(arguments: [-0.0, 1e-16, .pi * 1e-3, 1e300, .leastNonzeroMagnitude, 0.1 + 0.2])
  func `what no decimal returns is kept as bits`(value: Double) {
    if let scale = DecimalScale(exactly: value) {
      let back = DecimalScale.value(mantissa: scale.mantissa, exponent: scale.exponent)
      #expect(back?.bitPattern == value.bitPattern)
      #expect(value != 0 && value != 1e-16 && value != 1e300 && value != .leastNonzeroMagnitude)
    }
  }

  @Test func `a scale returns the very same bits or there is none`() {
    var generator = SeededGenerator(seed: 20)
    for _ in 0..<200_000 {
      let bits = Double(bitPattern: generator.next())
      let rounded = (Double.random(in: -1e6..<1e6, using: &generator) * 1e4).rounded() / 1e4
      for value in [bits, rounded] where value.isFinite {
        guard let scale = DecimalScale(exactly: value) else { continue }
        let back = DecimalScale.value(mantissa: scale.mantissa, exponent: scale.exponent)
        #expect(back?.bitPattern == value.bitPattern)
      }
      #expect(DecimalScale(exactly: rounded) != nil)
    }
  }
}
