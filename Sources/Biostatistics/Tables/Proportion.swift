// SPDX-License-Identifier: Apache-2.0

/// A binomial proportion with its confidence limits.
public struct Proportion: Equatable, Hashable, Codable, Sendable {
  /// The number of successes, in 0...total.
  public let successes: Int
  /// The number of trials, at least 1.
  public let total: Int

  /// Makes a proportion.
  ///
  /// - Throws: `tooFew` without trials, `outOfRange` unless 0 ≤ successes ≤ total.
  public init(successes: Int, total: Int) throws(BiostatisticsError) {
    guard total > 0 else { throw .tooFew(what: "trials", needed: 1, found: total) }
    guard (0...total).contains(successes) else {
      throw .outOfRange(parameter: "successes", value: Double(successes))
    }
    self.successes = successes
    self.total = total
  }

  /// A proportion of counts known to be in order; nil without trials.
  init?(ifAny successes: Int, of total: Int) {
    guard total > 0, (0...total).contains(successes) else { return nil }
    self.successes = successes
    self.total = total
  }

  /// Successes over trials, in [0, 1].
  public var estimate: Double { Double(successes) / Double(total) }

  /// Wilson's score limits, without continuity correction.
  ///
  /// Source: Wilson, J Am Stat Assoc 1927;22:209–212, doi:10.1080/01621459.1927.10502953.
  public func wilson(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let z = try Normal.criticalValue(confidence: confidence)
    let count = Double(total)
    let square = z * z
    let center = (Double(successes) + square / 2) / (count + square)
    let spread = estimate * (1 - estimate) / count + square / (4 * count * count)
    let half = z * spread.squareRoot() / (1 + square / count)
    // Exactly 0 and 1 at the ends, where rounding would leave about 1e-17.
    return Interval(
      low: successes == 0 ? 0 : center - half,
      high: successes == total ? 1 : center + half
    )
  }

  /// The exact limits of Clopper and Pearson.
  ///
  /// Source: Clopper & Pearson, Biometrika 1934;26:404–413, doi:10.1093/biomet/26.4.404.
  public func clopperPearson(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    let tail = (1 - confidence) / 2
    let (successes, failures) = (Double(successes), Double(total - self.successes))
    return Interval(
      low: successes == 0
        ? 0 : try Beta(alpha: successes, beta: failures + 1).quantile(tail),
      high: failures == 0
        ? 1 : try Beta(alpha: successes + 1, beta: failures).quantile(1 - tail)
    )
  }
}
