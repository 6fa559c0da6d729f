// SPDX-License-Identifier: Apache-2.0

/// A versioned model with everything needed to score, explain and verify it.
///
/// Its JSON (`"type": "model"`, `model_id`, `version`, …) is the payload that is signed, so a
/// release is always read from and kept as the bytes received, never re-encoded.
public struct ModelRelease: Codable, Hashable, Sendable {
  /// The kind of document: always `model`.
  public let type: String
  /// Names the line of releases, for example `hcc-nomogram`.
  public let modelID: String
  /// Rises strictly within a line; from 1.
  public let version: UInt64
  /// A title for people.
  public let name: String
  /// How the release came about, for example `practice only, ungated`.
  public let status: String
  /// The words that stand wherever a predicted risk stands.
  public let outcome: OutcomeWording
  /// The predictors, in the order of their terms.
  public let predictors: [Predictor]
  /// The constant of the linear predictor, on the logit scale.
  public let intercept: Double
  /// One log odds ratio a term, in the order of `termNames`.
  public let coefficients: [Double]
  /// Covariance of intercept (first) and coefficients; shape (1 + terms)².
  public let covariance: [[Double]]
  /// Predicted risk from which the group is "high", in (0, 1).
  public let cutoff: Double
  /// Whether external validation passed the gate.
  public let isExternallyValidated: Bool
  /// The statement on use that is printed with every risk.
  public let statement: String
  /// Warnings printed with every risk.
  public let warnings: [String]
  /// Where the model comes from and what speaks against it.
  public let card: ModelCard
  /// What a scorer must reproduce; at least one.
  public let vectors: [TestVector]

  /// Joins the parts; `checked()` says whether they fit together.
  public init(
    modelID: String,
    version: UInt64,
    name: String,
    status: String,
    outcome: OutcomeWording,
    predictors: [Predictor],
    intercept: Double,
    coefficients: [Double],
    covariance: [[Double]],
    cutoff: Double,
    isExternallyValidated: Bool,
    statement: String,
    warnings: [String],
    card: ModelCard,
    vectors: [TestVector]
  ) {
    type = "model"
    self.modelID = modelID
    self.version = version
    self.name = name
    self.status = status
    self.outcome = outcome
    self.predictors = predictors
    self.intercept = intercept
    self.coefficients = coefficients
    self.covariance = covariance
    self.cutoff = cutoff
    self.isExternallyValidated = isExternallyValidated
    self.statement = statement
    self.warnings = warnings
    self.card = card
    self.vectors = vectors
  }

  private enum CodingKeys: String, CodingKey {
    case type, version, name, status, outcome, predictors, intercept, coefficients, covariance
    case cutoff, statement, warnings, card, vectors
    case modelID = "model_id"
    case isExternallyValidated = "is_externally_validated"
  }
}

extension ModelRelease {
  /// The names of all terms, in the order of the coefficients.
  public var termNames: [String] { predictors.flatMap(\.termNames) }

  /// The columns a score needs.
  public var inputColumns: [String] { predictors.map(\.column) }

  /// Returns the release when its parts fit together.
  ///
  /// - Returns: The same release.
  /// - Throws: `RiskModelError` naming the first part that does not fit.
  @discardableResult
  public func checked() throws(RiskModelError) -> ModelRelease {
    guard type == "model" else { throw .notAModel(type: type) }
    guard version > 0 else { throw .numberOutOfRange("version") }
    guard cutoff > 0, cutoff < 1 else { throw .numberOutOfRange("cutoff") }
    guard intercept.isFinite else { throw .numberOutOfRange("intercept") }
    guard coefficients.allSatisfy(\.isFinite) else { throw .numberOutOfRange("coefficients") }
    try checkPredictors()
    try checkCovariance()
    guard !vectors.isEmpty else { throw .noTestVectors }
    guard vectors.allSatisfy({ $0.probability > 0 && $0.probability < 1 }) else {
      throw .numberOutOfRange("vectors")
    }
    return self
  }

  private func checkPredictors() throws(RiskModelError) {
    var seen: Set<String> = []
    for predictor in predictors {
      guard predictor.isWellFormed, seen.insert(predictor.column).inserted else {
        throw .predictorMalformed(column: predictor.column)
      }
    }
    let terms = predictors.reduce(0) { $0 + $1.transform.termCount }
    guard terms == coefficients.count else {
      throw .coefficientCountDiffers(terms: terms, coefficients: coefficients.count)
    }
  }

  private func checkCovariance() throws(RiskModelError) {
    let size = coefficients.count + 1
    guard covariance.count == size, covariance.allSatisfy({ $0.count == size }) else {
      throw .covarianceMalformed
    }
    for row in 0..<size {
      guard covariance[row][row] >= 0 else { throw .covarianceMalformed }
      for column in 0..<size {
        let (one, other) = (covariance[row][column], covariance[column][row])
        guard one.isFinite, abs(one - other) <= 1e-9 * max(1, abs(one)) else {
          throw .covarianceMalformed
        }
      }
    }
  }
}
