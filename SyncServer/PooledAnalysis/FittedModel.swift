// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// A logistic model as fitted, by either method.
struct FittedModel: Sendable {
  /// How a model is fitted.
  enum Method: String, Sendable {
    case maximumLikelihood = "maximum_likelihood"
    case firth
  }

  let coefficients: [Coefficient]
  let covariance: SymmetricMatrix
  let deviance: Double
  /// The intercept that risks are made with: Firth's is re-estimated (FLIC).
  let riskIntercept: Double
  let method: Method

  /// Fits rows of terms.
  ///
  /// - Parameters:
  ///   - method: How it is fitted.
  ///   - names: The names of the terms (shape: p).
  ///   - terms: One array a patient (shape: n × p).
  ///   - outcomes: Events (shape: n).
  ///   - weights: Frequency weights (shape: n); 1 when nil.
  ///   - hasProfileLimits: Whether Firth's limits are wanted; resampling needs none.
  /// - Throws: What the fit refuses: separation, rank, one outcome only.
  init(
    _ method: Method,
    names: [String],
    terms: [[Double]],
    outcomes: [Bool],
    weights: [Double]? = nil,
    hasProfileLimits: Bool = true
  ) throws(BiostatisticsError) {
    let columns = names.indices.map { index in terms.map { $0[index] } }
    let design = try DesignMatrix(columnNames: names, columns: columns)
    self.method = method
    switch method {
    case .maximumLikelihood:
      let fit = try LogisticFit.fit(design, outcomes: outcomes, weights: weights)
      coefficients = fit.coefficients
      covariance = fit.covariance
      deviance = fit.deviance
      riskIntercept = fit.coefficients[0].estimate
    case .firth:
      let fit = try FirthFit.fit(
        design,
        outcomes: outcomes,
        weights: weights,
        limits: hasProfileLimits ? .profile : .wald
      )
      coefficients = fit.coefficients
      covariance = fit.covariance
      deviance = fit.deviance
      riskIntercept = fit.calibratedIntercept
    }
  }

  func risks(_ terms: [[Double]]) -> [Double] {
    let slopes = coefficients.dropFirst().map(\.estimate)
    return terms.map { own in
      Logit.inverse(zip(slopes, own).reduce(riskIntercept) { $0 + $1.0 * $1.1 })
    }
  }

  /// The model with its apparent performance on rows.
  func summary(terms: [[Double]], outcomes: [Bool]) -> ModelSummary {
    var performance = Performance.measure(
      risks: risks(terms),
      outcomes: outcomes,
      cutoff: .youden,
      parameters: coefficients.count
    )
    performance.deviance = deviance
    performance.aic = deviance + 2 * Double(coefficients.count)
    let size = covariance.dimension
    return ModelSummary(
      performance: performance,
      intercept: coefficients[0].estimate,
      calibratedIntercept: method == .firth ? riskIntercept : nil,
      coefficients: coefficients.dropFirst().map {
        CoefficientSummary(
          term: $0.term,
          estimate: $0.estimate,
          se: $0.standardError,
          oddsRatio: $0.oddsRatio,
          low: $0.oddsRatioLow,
          high: $0.oddsRatioHigh,
          p: $0.p
        )
      },
      covariance: (0..<size).map { row in (0..<size).map { covariance[row, $0] } }
    )
  }
}

extension AUCDifference {
  /// Compares two sets of risks of the same patients.
  static func measure(
    _ first: (name: String, risks: [Double]),
    _ second: (name: String, risks: [Double]),
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> AUCDifference {
    let result = try AUCComparison.paired(first.risks, second.risks, outcomes: outcomes)
    let limits = try? result.interval()
    return AUCDifference(
      first: first.name,
      second: second.name,
      difference: result.difference.value,
      se: result.difference.standardError,
      low: limits?.low,
      high: limits?.high,
      z: result.test.statistic,
      p: result.test.p
    )
  }
}
