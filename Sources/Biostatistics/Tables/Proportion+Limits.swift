// SPDX-License-Identifier: Apache-2.0

// Further limits of a proportion, for comparison with other programs; `wilson` and
// `clopperPearson` are the ones to report: Brown, Cai & DasGupta, Stat Sci 2001;16:101–133,
// doi:10.1214/ss/1009213286.
extension Proportion {
  /// The limits of the normal approximation, p ± z √(p (1 − p) / n); they may leave [0, 1].
  public func wald(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let z = try Normal.criticalValue(confidence: confidence)
    let half = z * (estimate * (1 - estimate) / Double(total)).squareRoot()
    return Interval(low: estimate - half, high: estimate + half)
  }

  /// Wilson's limits with continuity correction, at most ½ and at most |x − n/2|, as R's prop.test.
  ///
  /// Source: Newcombe, Stat Med 1998;17:857–872,
  /// doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
  public func wilsonCorrected(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let z = try Normal.criticalValue(confidence: confidence)
    let count = Double(total)
    let correction = min(0.5, abs(Double(successes) - count / 2)) / count
    let center = z * z / (2 * count)
    let spread = { (p: Double) in z * (p * (1 - p) / count + center / (2 * count)).squareRoot() }
    let (below, above) = (estimate - correction, estimate + correction)
    let scale = 1 + 2 * center
    return Interval(
      low: below > 0 ? max(0, (below + center - spread(below)) / scale) : 0,
      high: above < 1 ? min(1, (above + center + spread(above)) / scale) : 1
    )
  }

  /// Wilson's limits with one-sided Poisson limits at one success and one failure.
  ///
  /// The modification of Brown, Cai & DasGupta (2001) that Hmisc's binconf prints as "Wilson".
  public func wilsonModified(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let limits = try wilson(confidence: confidence)
    let end = -log(confidence) / Double(total)
    return Interval(
      low: successes == 1 ? end : limits.low,
      high: total - successes == 1 ? 1 - end : limits.high
    )
  }

  /// The limits of Agresti and Coull: Wald's after adding z²/2 successes and z²/2 failures.
  ///
  /// They may leave [0, 1]. Source: Agresti & Coull, Am Stat 1998;52:119–126,
  /// doi:10.1080/00031305.1998.10480550.
  public func agrestiCoull(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    let z = try Normal.criticalValue(confidence: confidence)
    let count = Double(total) + z * z
    let center = (Double(successes) + z * z / 2) / count
    let half = z * (center * (1 - center) / count).squareRoot()
    return Interval(low: center - half, high: center + half)
  }

  /// The equal-tailed limits of Jeffreys' prior, with 0 and 1 at the ends.
  ///
  /// Source: Brown, Cai & DasGupta, Stat Sci 2001;16:101–133, doi:10.1214/ss/1009213286.
  public func jeffreys(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    let tail = (1 - confidence) / 2
    let posterior = Beta(
      alpha: Double(successes) + 0.5,
      beta: Double(total - successes) + 0.5
    )
    return Interval(
      low: successes == 0 ? 0 : try posterior.quantile(tail),
      high: successes == total ? 1 : try posterior.quantile(1 - tail)
    )
  }
}
