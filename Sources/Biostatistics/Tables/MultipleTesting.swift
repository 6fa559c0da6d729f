// SPDX-License-Identifier: Apache-2.0

/// P values adjusted for how many were computed.
public enum MultipleTesting {
  /// Holm's step-down adjustment, which controls the chance of any false rejection.
  ///
  /// Source: Holm, Scand J Stat 1979;6:65–70.
  ///
  /// - Parameter pValues: P values, each in [0, 1].
  /// - Returns: Adjusted p values in the same order.
  /// - Throws: `outOfRange`.
  public static func holm(_ pValues: [Double]) throws(BiostatisticsError) -> [Double] {
    try check(pValues)
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var result = pValues
    var largest = 0.0
    for (position, index) in order.enumerated() {
      largest = max(largest, min(1, Double(pValues.count - position) * pValues[index]))
      result[index] = largest
    }
    return result
  }

  /// Benjamini and Hochberg's step-up adjustment, which controls the false discovery rate.
  ///
  /// Source: Benjamini & Hochberg, J R Stat Soc B 1995;57:289–300,
  /// doi:10.1111/j.2517-6161.1995.tb02031.x.
  ///
  /// - Parameter pValues: P values, each in [0, 1].
  /// - Returns: Adjusted p values in the same order.
  /// - Throws: `outOfRange`.
  public static func benjaminiHochberg(
    _ pValues: [Double]
  ) throws(BiostatisticsError) -> [Double] {
    try check(pValues)
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var result = pValues
    var smallest = 1.0
    for (position, index) in order.enumerated().reversed() {
      let scaled = pValues[index] * Double(pValues.count) / Double(position + 1)
      smallest = min(smallest, scaled)
      result[index] = smallest
    }
    return result
  }

  private static func check(_ pValues: [Double]) throws(BiostatisticsError) {
    for value in pValues where !(0...1).contains(value) {
      throw .outOfRange(parameter: "p", value: value)
    }
  }
}
