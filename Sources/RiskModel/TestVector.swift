// SPDX-License-Identifier: Apache-2.0

/// Inputs and the probability that a scorer must reproduce before it activates a release.
public struct TestVector: Codable, Hashable, Sendable {
  /// One value for each predictor column.
  public let inputs: [String: Double]
  /// The probability of the outcome, to within 1e-12.
  public let probability: Double

  /// Joins inputs and result.
  public init(inputs: [String: Double], probability: Double) {
    self.inputs = inputs
    self.probability = probability
  }
}
