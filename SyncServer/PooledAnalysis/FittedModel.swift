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
  /// Covariance of the intercept (first) and the terms.
  let covariance: [[Double]]
  let deviance: Double
  /// The intercept that risks are made with: Firth's is re-estimated (FLIC).
  let riskIntercept: Double
  let method: Method
  /// What the plan's selection did, terms that left being 0; nil where it selects nothing.
  let selected: TermSelection.Result?

  /// Fits rows of terms.
  ///
  /// - Parameters:
  ///   - method: How it is fitted.
  ///   - names: The names of the terms (shape: p).
  ///   - terms: One array a patient (shape: n × p).
  ///   - outcomes: Events (shape: n).
  ///   - weights: Frequency weights (shape: n); 1 when nil.
  ///   - hasProfileLimits: Whether Firth's limits are wanted; resampling needs none.
  ///   - selection: Which terms may leave; none when nil.
  /// - Throws: What the fit refuses: separation, rank, one outcome only.
  init(
    _ method: Method,
    names: [String],
    terms: [[Double]],
    outcomes: [Bool],
    weights: [Double]? = nil,
    hasProfileLimits: Bool = true,
    selection: TermSelection? = nil
  ) throws(BiostatisticsError) {
    let columns = names.indices.map { index in terms.map { $0[index] } }
    try self.init(
      method,
      design: try DesignMatrix(columnNames: names, columns: columns),
      outcomes: outcomes,
      weights: weights,
      hasProfileLimits: hasProfileLimits,
      selection: selection
    )
  }

  /// Fits a design, after the plan's selection where there is one.
  init(
    _ method: Method,
    design: DesignMatrix,
    outcomes: [Bool],
    weights: [Double]? = nil,
    hasProfileLimits: Bool = true,
    selection: TermSelection? = nil
  ) throws(BiostatisticsError) {
    self.method = method
    var part = design
    var result: TermSelection.Result?
    if let selection {
      // Where the full model does not exist, nothing can be compared: all terms stay.
      result = try? selection.run(design, outcomes: outcomes, weights: weights)
      if let result {
        part = try design.selecting(columns: result.kept.map { design.columnNames[$0] })
      }
    }
    selected = result
    let (found, matrix): ([Coefficient], SymmetricMatrix)
    switch method {
    case .maximumLikelihood:
      let fit = try LogisticFit.fit(part, outcomes: outcomes, weights: weights)
      (found, matrix) = (fit.coefficients, fit.covariance)
      deviance = fit.deviance
      riskIntercept = fit.coefficients[0].estimate
    case .firth:
      let fit = try FirthFit.fit(
        part,
        outcomes: outcomes,
        weights: weights,
        limits: hasProfileLimits ? .profile : .wald
      )
      (found, matrix) = (fit.coefficients, fit.covariance)
      deviance = fit.deviance
      riskIntercept = fit.calibratedIntercept
    }
    guard let result, result.kept.count < design.columnCount else {
      (coefficients, covariance) = (
        found,
        (0..<matrix.dimension).map { row in
          (0..<matrix.dimension).map { matrix[row, $0] }
        }
      )
      return
    }
    let places = [0] + result.kept.map { $0 + 1 }
    (coefficients, covariance) = Self.widened(found, matrix, to: places, names: design.columnNames)
  }

  /// The coefficients of some terms among all, those that left being 0.
  private static func widened(
    _ found: [Coefficient],
    _ matrix: SymmetricMatrix,
    to places: [Int],
    names: [String]
  ) -> ([Coefficient], [[Double]]) {
    let size = names.count + 1
    var covariance = Array(repeating: Array(repeating: 0.0, count: size), count: size)
    var coefficients = (0..<size).map { index in
      Coefficient.absent(term: index == 0 ? found[0].term : names[index - 1])
    }
    for (row, place) in places.enumerated() {
      coefficients[place] = found[row]
      for (column, other) in places.enumerated() { covariance[place][other] = matrix[row, column] }
    }
    return (coefficients, covariance)
  }

  /// The intercept and the terms that were kept.
  var parameterCount: Int { selected.map { $0.kept.count + 1 } ?? coefficients.count }

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
      parameters: parameterCount
    )
    performance.deviance = deviance
    performance.aic = deviance + 2 * Double(parameterCount)
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
      covariance: covariance
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
