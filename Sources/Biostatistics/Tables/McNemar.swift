// SPDX-License-Identifier: Apache-2.0

/// McNemar's test that paired yes–no answers are equally often yes.
///
/// Source: McNemar, Psychometrika 1947;12:153–157, doi:10.1007/BF02295996.
public struct McNemar: Equatable, Sendable {
  /// The chi-square test without correction.
  public let test: TestResult
  /// The chi-square test with the continuity correction of 1, as R's default.
  public let corrected: TestResult
  /// The exact two-sided binomial p value.
  public let exactP: Double

  /// Tests the pairs that disagree.
  ///
  /// - Parameters:
  ///   - yesNo: Pairs with yes in the first answer alone.
  ///   - noYes: Pairs with yes in the second answer alone.
  /// - Returns: The two chi-square tests and the exact p value.
  /// - Throws: `outOfRange` for a negative count, `zeroCell` when no pair disagrees.
  public static func test(yesNo: Int, noYes: Int) throws(BiostatisticsError) -> McNemar {
    for count in [yesNo, noYes] where count < 0 {
      throw .outOfRange(parameter: "count", value: Double(count))
    }
    let (b, c) = (Double(yesNo), Double(noYes))
    guard b + c > 0 else { throw .zeroCell("discordant pairs") }
    let distance = abs(b - c)
    let distribution = ChiSquared(degreesOfFreedom: 1)
    let shortened = max(0, distance - 1)
    let fewer = min(b, c)
    // P(X ≤ k) of a binomial with share ½ is a beta tail.
    let tail =
      fewer < b + c
      ? try Beta(alpha: b + c - fewer, beta: fewer + 1).cumulative(0.5) : 1
    return McNemar(
      test: try distribution.test(distance * distance / (b + c)),
      corrected: try distribution.test(shortened * shortened / (b + c)),
      exactP: min(1, 2 * tail)
    )
  }
}
