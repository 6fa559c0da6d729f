// SPDX-License-Identifier: Apache-2.0

/// Why a model release or a set of inputs was refused.
///
/// Payloads carry names and counts, never a patient's values.
public enum RiskModelError: Error, Equatable, Sendable {
  /// The document is not JSON of the release's shape.
  case malformedRelease(String)
  /// The document is of another kind than a model.
  case notAModel(type: String)
  /// The document is larger than a release may be.
  case releaseTooLarge(bytes: Int, limit: Int)
  /// The coefficients do not match the predictors' terms.
  case coefficientCountDiffers(terms: Int, coefficients: Int)
  /// The covariance is not a finite symmetric matrix over intercept and terms.
  case covarianceMalformed
  /// A number that must be finite, or inside its range, is not; named by its key.
  case numberOutOfRange(String)
  /// A column stands twice among the predictors, or a transform's parameters are unusable.
  case predictorMalformed(column: String)
  /// The release carries no test vectors, so nothing could be verified.
  case noTestVectors
  /// The scorer does not reproduce a test vector (index from 0).
  case vectorNotReproduced(index: Int)
  /// The inputs lack these columns, all of them named.
  case missingInputs([String])
  /// These inputs are not finite, or outside what the transform is defined for.
  case implausibleInputs([String])
}
