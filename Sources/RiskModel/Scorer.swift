// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Turns one patient's inputs into a predicted risk.
public struct Scorer: Sendable {
  /// The release that scores.
  public let release: ModelRelease
  private let nomogram: Nomogram

  /// The 97.5 % point of the standard normal distribution.
  private static let normalQuantile = 1.959963984540054
  /// A value this near its threshold, relative to it, is said to be near.
  private static let nearThreshold = 0.05

  /// Prepares a scorer.
  ///
  /// - Throws: `RiskModelError` when the release's parts do not fit together.
  public init(_ release: ModelRelease) throws(RiskModelError) {
    self.release = try release.checked()
    nomogram = Nomogram(release)
  }

  /// Scores one patient.
  ///
  /// - Parameter inputs: A value for each predictor column; other columns are ignored.
  /// - Returns: The predicted risk with its interval and explanation.
  /// - Throws: `RiskModelError.missingInputs` or `.implausibleInputs`, naming all columns at fault.
  public func score(_ inputs: [String: Double]) throws(RiskModelError) -> Score {
    let missing = release.inputColumns.filter { inputs[$0] == nil }
    guard missing.isEmpty else { throw .missingInputs(missing) }
    let (terms, implausible) = terms(of: inputs)
    guard implausible.isEmpty else { throw .implausibleInputs(implausible) }

    let contributions = contributions(inputs, terms: terms)
    let linearPredictor = contributions.reduce(release.intercept) { $0 + $1.linearPredictor }
    let standardError = standardError([1] + terms.flatMap(\.self))
    let probability = Self.inverseLogit(linearPredictor)
    let margin = Self.normalQuantile * standardError
    return Score(
      modelID: release.modelID,
      version: release.version,
      linearPredictor: linearPredictor,
      standardError: standardError,
      probability: probability,
      probabilityLow: Self.inverseLogit(linearPredictor - margin),
      probabilityHigh: Self.inverseLogit(linearPredictor + margin),
      riskGroup: probability >= release.cutoff ? "high" : "low",
      cutoff: release.cutoff,
      points: contributions.reduce(0) { $0 + $1.points },
      contributions: contributions,
      outcome: release.outcome,
      warnings: warnings(inputs)
    )
  }

  /// The inverse of the logit, stable for large magnitudes.
  package static func inverseLogit(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let odds = exp(x)
    return odds / (1 + odds)
  }
}

extension Scorer {
  private func terms(of inputs: [String: Double]) -> (terms: [[Double]], implausible: [String]) {
    var terms: [[Double]] = []
    var implausible: [String] = []
    for predictor in release.predictors {
      if let value = inputs[predictor.column], let found = predictor.transform.terms(value) {
        terms.append(found)
      } else {
        implausible.append(predictor.column)
      }
    }
    return (terms, implausible)
  }

  private func contributions(_ inputs: [String: Double], terms: [[Double]]) -> [Contribution] {
    var start = 0
    return zip(release.predictors, terms).enumerated().map { index, pair in
      let (predictor, own) = pair
      let coefficients = release.coefficients[start..<(start + own.count)]
      start += own.count
      let share = zip(coefficients, own).reduce(0) { $0 + $1.0 * $1.1 }
      var isHigh: Bool?
      if case .threshold = predictor.transform { isHigh = own[0] == 1 }
      return Contribution(
        column: predictor.column,
        label: predictor.label,
        unit: predictor.unit,
        value: inputs[predictor.column] ?? .nan,
        isHigh: isHigh,
        coefficient: own.count == 1 ? coefficients.first : nil,
        linearPredictor: share,
        points: nomogram.points(ofShare: share, predictor: index)
      )
    }
  }

  private func standardError(_ terms: [Double]) -> Double {
    var variance = 0.0
    for (row, left) in terms.enumerated() {
      for (column, right) in terms.enumerated() {
        variance += left * release.covariance[row][column] * right
      }
    }
    return max(0, variance).squareRoot()
  }

  private func warnings(_ inputs: [String: Double]) -> [String] {
    var warnings = [release.statement] + release.warnings
    for predictor in release.predictors {
      guard let value = inputs[predictor.column] else { continue }
      if value < predictor.low || value > predictor.high {
        warnings.append(
          "\(predictor.label) lies outside the expected range "
            + "\(Transform.text(predictor.low)) to \(Transform.text(predictor.high)): check it."
        )
      }
      if case .threshold(let bound) = predictor.transform, bound != 0,
        abs(value - bound) < Self.nearThreshold * abs(bound)
      {
        warnings.append(
          "\(predictor.label) is within 5 % of its cut-off \(Transform.text(bound)): "
            + "a small difference in the reading would change the result."
        )
      }
    }
    return warnings
  }
}
