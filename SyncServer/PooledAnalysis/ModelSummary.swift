// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// An estimate with its 95 % limits; absent limits are unbounded or not defined.
public struct LimitedEstimate: Codable, Hashable, Sendable {
  /// The estimate.
  public var estimate: Double
  /// The standard error, where there is one.
  public var se: Double?
  /// The lower 95 % limit.
  public var low: Double?
  /// The upper 95 % limit.
  public var high: Double?
}

/// 95 % limits.
public struct Limits: Codable, Hashable, Sendable {
  /// The lower limit.
  public var low: Double
  /// The upper limit.
  public var high: Double
}

/// One term of a model; `low` and `high` are limits of the odds ratio.
public struct CoefficientSummary: Codable, Hashable, Sendable {
  /// The term, named by column: `column>=1.418`, `column`, `log(column)`, `rcs(column,1)`.
  public var term: String
  /// The log odds ratio.
  public var estimate: Double
  /// Its standard error.
  public var se: Double
  /// The odds ratio.
  public var oddsRatio: Double
  /// The lower 95 % limit of the odds ratio; absent when unbounded.
  public var low: Double?
  /// The upper 95 % limit of the odds ratio; absent when unbounded.
  public var high: Double?
  /// The p-value of no effect.
  public var p: Double

  private enum CodingKeys: String, CodingKey {
    case term, estimate, se, low, high, p
    case oddsRatio = "odds_ratio"
  }
}

extension CoefficientSummary {
  /// A coefficient with Wald limits.
  init(term: String, estimate: Double, variance: Double) {
    let own = Estimate(value: estimate, standardError: max(0, variance).squareRoot())
    let limits = try? own.interval()
    self.init(
      term: term,
      estimate: estimate,
      se: own.standardError,
      oddsRatio: exp(estimate),
      low: limits.map { exp($0.low) },
      high: limits.map { exp($0.high) },
      p: (try? own.test())?.p ?? 1
    )
  }
}

/// How predicted and observed risks agree.
public struct CalibrationSummary: Codable, Hashable, Sendable {
  /// Calibration-in-the-large: the intercept with the linear predictor as offset; ideal 0.
  public var intercept: Double?
  /// Its standard error.
  public var interceptSE: Double?
  /// The calibration slope; ideal 1.
  public var slope: Double?
  /// Its standard error.
  public var slopeSE: Double?
  /// The intercept fitted together with the slope.
  public var jointIntercept: Double?
  /// Observed over expected events; ideal 1.
  public var oe: Double?
  /// The lower 95 % limit of O:E.
  public var oeLow: Double?
  /// The upper 95 % limit of O:E.
  public var oeHigh: Double?

  private enum CodingKeys: String, CodingKey {
    case intercept, slope
    case interceptSE = "intercept_se"
    case slopeSE = "slope_se"
    case jointIntercept = "joint_intercept"
    case oe = "o_e"
    case oeLow = "o_e_low"
    case oeHigh = "o_e_high"
  }
}

/// How one model does on one set of patients; what could not be computed is absent and noted.
public struct Performance: Codable, Hashable, Sendable {
  /// Patients.
  public var n: Int
  /// Patients with the outcome.
  public var events: Int
  /// −2 log likelihood of the predicted risks.
  public var deviance: Double?
  /// Deviance plus twice the number of the model's parameters.
  public var aic: Double?
  /// Area under the ROC curve with DeLong limits.
  public var auc: LimitedEstimate?
  /// The predicted risk from which a patient counts as positive.
  public var cutoff: Double?
  /// Share of events at or above the cut-off.
  public var sensitivity: Double?
  /// Share of non-events below the cut-off.
  public var specificity: Double?
  /// Share of events among patients at or above the cut-off.
  public var ppv: Double?
  /// Share of non-events among patients below the cut-off.
  public var npv: Double?
  /// Wilson 95 % limits of the four shares, by name.
  public var limits: [String: Limits] = [:]
  /// Mean squared difference of risk and outcome.
  public var brier: Double?
  /// Calibration.
  public var calibration: CalibrationSummary?
  /// What could not be computed, and why.
  public var notes: [String] = []
}

/// A fitted or released model and its performance on one set of patients.
public struct ModelSummary: Codable, Hashable, Sendable {
  /// Performance on the patients named by the report.
  public var performance: Performance
  /// The intercept.
  public var intercept: Double
  /// Firth's intercept re-estimated with the slopes fixed (FLIC); risks are made with it.
  public var calibratedIntercept: Double?
  /// The terms, without the intercept.
  public var coefficients: [CoefficientSummary]
  /// Covariance of intercept (first) and terms.
  public var covariance: [[Double]]

  private enum CodingKeys: String, CodingKey {
    case intercept, coefficients, covariance
    case calibratedIntercept = "calibrated_intercept"
  }

  init(
    performance: Performance,
    intercept: Double,
    calibratedIntercept: Double? = nil,
    coefficients: [CoefficientSummary],
    covariance: [[Double]]
  ) {
    self.performance = performance
    self.intercept = intercept
    self.calibratedIntercept = calibratedIntercept
    self.coefficients = coefficients
    self.covariance = covariance
  }

  /// The intercept that risks are made with.
  public var riskIntercept: Double { calibratedIntercept ?? intercept }

  /// Reads performance and model from one object.
  public init(from decoder: any Decoder) throws {
    performance = try Performance(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    intercept = try container.decode(Double.self, forKey: .intercept)
    calibratedIntercept = try container.decodeIfPresent(Double.self, forKey: .calibratedIntercept)
    coefficients = try container.decode([CoefficientSummary].self, forKey: .coefficients)
    covariance = try container.decode([[Double]].self, forKey: .covariance)
  }

  /// Writes performance and model as one object.
  public func encode(to encoder: any Encoder) throws {
    try performance.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(intercept, forKey: .intercept)
    try container.encodeIfPresent(calibratedIntercept, forKey: .calibratedIntercept)
    try container.encode(coefficients, forKey: .coefficients)
    try container.encode(covariance, forKey: .covariance)
  }
}
