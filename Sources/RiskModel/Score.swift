// SPDX-License-Identifier: Apache-2.0

/// One patient's predicted risk, with its interval and the share of each predictor.
public struct Score: Hashable, Sendable {
  /// The line of releases that was used.
  public let modelID: String
  /// The version that was used.
  public let version: UInt64
  /// Intercept plus the sum of coefficient times term, on the logit scale.
  public let linearPredictor: Double
  /// Standard error of the linear predictor, from the release's covariance.
  public let standardError: Double
  /// Predicted probability of the outcome.
  public let probability: Double
  /// Lower limit of the 95 % interval of the mean risk, made on the logit scale.
  public let probabilityLow: Double
  /// Upper limit of the 95 % interval of the mean risk, made on the logit scale.
  public let probabilityHigh: Double
  /// `high` when the probability is at least the cut-off, else `low`.
  public let riskGroup: String
  /// The cut-off that was used.
  public let cutoff: Double
  /// Total nomogram points.
  public let points: Double
  /// The share of each predictor, in the release's order.
  public let contributions: [Contribution]
  /// What the probability is of, in full.
  public let outcome: OutcomeWording
  /// What a reader must know before using the number.
  public let warnings: [String]
}

/// The share of one predictor in a score.
public struct Contribution: Hashable, Sendable {
  /// The predictor's column.
  public let column: String
  /// What people read.
  public let label: String
  /// UCUM unit.
  public let unit: String
  /// The value that was given.
  public let value: Double
  /// For a threshold, whether it was reached; nil for other transforms.
  public let isHigh: Bool?
  /// The coefficient where the predictor has one term; nil for a spline.
  public let coefficient: Double?
  /// The predictor's share of the linear predictor.
  public let linearPredictor: Double
  /// The predictor's nomogram points.
  public let points: Double
}

extension Score: Encodable {
  private enum CodingKeys: String, CodingKey {
    case version, probability, points, contributions, warnings, cutoff, outcome
    case modelID = "model"
    case linearPredictor = "linear_predictor"
    case standardError = "standard_error"
    case probabilityLow = "probability_low"
    case probabilityHigh = "probability_high"
    case riskGroup = "risk_group"
  }
}

extension Contribution: Encodable {
  private enum CodingKeys: String, CodingKey {
    case column, label, unit, value, coefficient, points
    case isHigh = "is_high"
    case linearPredictor = "linear_predictor"
  }
}
