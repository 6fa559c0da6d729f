// SPDX-License-Identifier: Apache-2.0

/// How far a model is updated for new patients.
public enum UpdateStep: String, Codable, CaseIterable, Hashable, Sendable {
  /// The incumbent as it is.
  case keep
  /// A new intercept.
  case intercept
  /// A new intercept and one factor for all coefficients.
  case interceptSlope = "intercept_slope"
  /// All coefficients anew, by Firth's method on development and registry patients.
  case reEstimate = "re_estimate"
}

/// How the plan updates a model.
public struct UpdatingRules: Codable, Hashable, Sendable {
  /// The steps that may be taken, `keep` always among them.
  public let steps: [UpdateStep]
  /// The level of the closed test between the steps.
  public let level: Double

  /// Joins the parts.
  public init(steps: [UpdateStep] = UpdateStep.allCases, level: Double = 0.05) {
    self.steps = steps
    self.level = level
  }
}

/// One comparison of the closed test: the largest step against a smaller one.
public struct LadderTest: Codable, Hashable, Sendable {
  /// The smaller step.
  public var step: UpdateStep
  /// Twice the log likelihood that the largest step gains.
  public var statistic: Double
  /// Degrees of freedom.
  public var degreesOfFreedom: Int
  /// The p-value; the first step from below that is not rejected is taken.
  public var p: Double

  private enum CodingKeys: String, CodingKey {
    case step, statistic, p
    case degreesOfFreedom = "degrees_of_freedom"
  }
}
