// SPDX-License-Identifier: Apache-2.0

/// Performance of a model as validation studies report it, on scales that can be pooled.
///
/// Source: Debray et al., Stat Methods Med Res 2019;28:2768–2786, doi:10.1177/0962280218785504.
public enum PublishedPerformance {
  /// Where a standard error came from.
  public enum Source: String, Equatable, Hashable, Codable, Sendable {
    /// The reported standard error, by the delta method.
    case standardError
    /// The reported limits, on the log odds scale.
    case confidenceInterval
    /// The numbers of patients and events, by Newcombe's method 4.
    ///
    /// Newcombe, Stat Med 2006;25:559–573, doi:10.1002/sim.2324.
    case counts
  }

  /// The log odds of a c-statistic, with the best standard error the report allows.
  ///
  /// A reported standard error is preferred to limits, and limits to counts.
  ///
  /// - Parameters:
  ///   - c: The c-statistic, in (0, 1).
  ///   - standardError: Its reported standard error, above 0; nil when not reported.
  ///   - limits: Its reported 95% limits, in (0, 1); nil when not reported.
  ///   - count: Patients; nil when not reported.
  ///   - events: Patients with the event; nil when not reported.
  /// - Returns: The log odds, and where its standard error came from.
  /// - Throws: `outOfRange`, or `tooFew` when nothing gives a standard error.
  public static func logitConcordance(
    c: Double,
    standardError: Double? = nil,
    limits: Interval? = nil,
    count: Int? = nil,
    events: Int? = nil
  ) throws(BiostatisticsError) -> (estimate: Estimate, source: Source) {
    guard c > 0, c < 1 else { throw .outOfRange(parameter: "c", value: c) }
    let slope = 1 / (c * (1 - c))
    let logit = Logit.of(c)
    if let standardError {
      guard standardError > 0, standardError.isFinite else {
        throw .outOfRange(parameter: "standardError", value: standardError)
      }
      let estimate = Estimate(value: logit, standardError: standardError * slope)
      return (estimate, .standardError)
    }
    if let limits {
      guard limits.low > 0, limits.high < 1, limits.low < limits.high else {
        throw .outOfRange(parameter: "limits", value: limits.low)
      }
      let width = Logit.of(limits.high) - Logit.of(limits.low)
      let error = width / (2 * (try Normal.criticalValue(confidence: 0.95)))
      return (Estimate(value: logit, standardError: error), .confidenceInterval)
    }
    guard let count, let events else { throw .tooFew(what: "counts", needed: 2, found: 0) }
    guard events > 0, events < count else {
      throw .outOfRange(parameter: "events", value: Double(events))
    }
    let (m, n) = (Double(events), Double(count - events))
    let half = (m + n) / 2 - 1
    let sum = 1 + half * (1 - c) / (2 - c) + half * c / (1 + c)
    let error = (c * (1 - c) * sum / (m * n)).squareRoot() * slope
    return (Estimate(value: logit, standardError: error), .counts)
  }

  /// The log of observed over expected events.
  ///
  /// The standard error is √((1 − O/N) / O), or √(1/O) when the number of patients is unknown.
  ///
  /// - Throws: `outOfRange` unless observed and expected are above 0 and at most `count`.
  public static func logObservedToExpected(
    observed: Double,
    expected: Double,
    count: Double? = nil
  ) throws(BiostatisticsError) -> Estimate {
    for (name, value) in [("observed", observed), ("expected", expected)] {
      guard value > 0, value.isFinite, value <= count ?? .infinity else {
        throw .outOfRange(parameter: name, value: value)
      }
    }
    let share = count.map { 1 - observed / $0 } ?? 1
    return Estimate(
      value: log(observed / expected),
      standardError: (share / observed).squareRoot()
    )
  }
}
