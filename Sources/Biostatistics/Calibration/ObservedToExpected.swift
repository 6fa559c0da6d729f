// SPDX-License-Identifier: Apache-2.0

/// The ratio of observed to expected events.
///
/// Source: Debray et al., BMJ 2017;356:i6460, doi:10.1136/bmj.i6460.
public struct ObservedToExpected: Equatable, Sendable {
  /// The number of events.
  public let observed: Int
  /// The sum of predicted risks.
  public let expected: Double
  /// The number of patients.
  public let count: Int

  /// Observed over expected.
  public var ratio: Double { Double(observed) / expected }

  /// Makes the ratio from its counts.
  ///
  /// - Throws: `outOfRange` unless 0 ≤ observed ≤ count and 0 < expected ≤ count.
  public init(observed: Int, expected: Double, count: Int) throws(BiostatisticsError) {
    guard count > 0, (0...count).contains(observed) else {
      throw .outOfRange(parameter: "observed", value: Double(observed))
    }
    guard expected > 0, expected <= Double(count) else {
      throw .outOfRange(parameter: "expected", value: expected)
    }
    self.observed = observed
    self.expected = expected
    self.count = count
  }

  /// Sums events and risks.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n).
  ///   - outcomes: Observed events (shape: n).
  /// - Returns: The ratio with its counts.
  /// - Throws: A refusal of malformed input.
  public static func measure(
    risks: [Double],
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> ObservedToExpected {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    return try ObservedToExpected(
      observed: outcomes.count { $0 },
      expected: risks.reduce(0, +),
      count: risks.count
    )
  }

  /// The log of the ratio, with the binomial standard error √((1 − O/n) / O).
  ///
  /// - Throws: `noEvents`; `noNonEvents`, because the standard error is then 0.
  public func logarithm() throws(BiostatisticsError) -> Estimate {
    guard observed > 0 else { throw .noEvents(count: count) }
    guard observed < count else { throw .noNonEvents(count: count) }
    let events = Double(observed)
    return Estimate(
      value: log(ratio),
      standardError: ((1 - events / Double(count)) / events).squareRoot()
    )
  }

  /// The limits of the ratio, computed on the log scale.
  public func interval(confidence: Double = 0.95) throws(BiostatisticsError) -> Interval {
    try logarithm().interval(confidence: confidence).map { exp($0) }
  }
}
