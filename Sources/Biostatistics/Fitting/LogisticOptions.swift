// SPDX-License-Identifier: Apache-2.0

/// Settings of a logistic fit, as given.
public struct LogisticOptions: Equatable, Sendable {
  /// The limit on iterations.
  public var maximumIterations: Int
  /// The largest joint shift, in standard errors, that the last step may have.
  public var tolerance: Double
  /// The level of confidence limits.
  public var confidence: Double

  /// Makes options; the defaults reach full double precision.
  public init(
    maximumIterations: Int = 500,
    tolerance: Double = 1e-11,
    confidence: Double = 0.95
  ) {
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
    self.confidence = confidence
  }

  /// The options after their ranges were verified.
  ///
  /// - Throws: `outOfRange`.
  public func checked() throws(BiostatisticsError) -> CheckedLogisticOptions {
    guard (1...100_000).contains(maximumIterations) else {
      throw .outOfRange(parameter: "maximumIterations", value: Double(maximumIterations))
    }
    guard tolerance >= 1e-14, tolerance <= 1e-3 else {
      throw .outOfRange(parameter: "tolerance", value: tolerance)
    }
    return CheckedLogisticOptions(
      maximumIterations: maximumIterations,
      tolerance: tolerance,
      confidence: confidence,
      criticalValue: try Normal.criticalValue(confidence: confidence)
    )
  }
}

/// Settings of a logistic fit inside their ranges; made by `LogisticOptions.checked()`.
public struct CheckedLogisticOptions: Equatable, Sendable {
  /// The limit on iterations, at least 1.
  public let maximumIterations: Int
  /// The largest joint shift, in standard errors, that the last step may have.
  public let tolerance: Double
  /// The level of confidence limits, in (0, 1).
  public let confidence: Double
  /// The normal quantile that belongs to `confidence`.
  let criticalValue: Double
}
