// SPDX-License-Identifier: Apache-2.0

/// The refitted models of a data cut.
public struct RefitReport: Codable, Hashable, Sendable {
  /// The plan's name.
  public var plan: String
  /// The release that is current; absent where there is none.
  public var incumbent: UInt64?
  /// Who was left out, and why.
  public var flow: EligibilityFlow
  /// Sites of the analysed patients.
  public var sites: [String]
  /// The full model by method: `maximum_likelihood` and `firth` on the complete rows of the cut,
  /// `stacked_firth` with the published cohort added.
  public var models: [String: ModelSummary]
  /// Methods that gave no model, and why.
  public var notComputed: [String: String]
  /// The method that the plan chooses.
  public var chosen: String
  /// Why it is chosen.
  public var reason: String
  /// The plan's smaller models, by maximum likelihood on the same rows.
  public var comparators: [String: ModelSummary]
  /// AUC differences of the plan's pairs, on the same patients (DeLong).
  public var comparisons: [AUCDifference]
  /// Each external site predicted by a model of all others.
  public var crossValidation: CrossValidation?
  /// The chosen method corrected for optimism on the rows of the cut.
  public var optimism: BootstrapOptimism?
  /// How much the chosen method's risks change from resample to resample.
  public var instability: Instability?
  /// The plan's terms with an intercept for every site.
  public var randomIntercept: RandomInterceptSensitivity?
  /// How many patients the model and its search need.
  public var sampleSize: [SampleSizeStatement] = []
  /// The plan's candidates one by one and by LASSO.
  public var screening: Screening?
  /// Which predictors the plan's selection kept; absent where it selects nothing.
  public var selection: SelectionReport?
  /// How the incumbent would be updated; absent without external patients.
  public var update: UpdateReport?
  /// What a candidate must meet; a value not computed does not pass.
  public var gate: [GateResult]
  /// Whether every condition is met.
  public var gatePassed: Bool = false

  private enum CodingKeys: String, CodingKey {
    case plan, incumbent, flow, sites, models, chosen, reason, comparators, comparisons, gate
    case optimism, update, instability, screening, selection
    case randomIntercept = "random_intercept"
    case sampleSize = "sample_size"
    case gatePassed = "gate_passed"
    case notComputed = "not_computed"
    case crossValidation = "cross_validation"
  }

  /// The model that the plan chooses.
  public var chosenModel: ModelSummary? { models[chosen] }

  /// Whether there is a gate and every condition of it is met.
  public var isGatePassed: Bool { !gate.isEmpty && gate.allSatisfy(\.pass) }
}

/// The difference of two AUCs on the same patients.
///
/// Source: DeLong et al., Biometrics 1988;44:837–845, doi:10.2307/2531595.
public struct AUCDifference: Codable, Hashable, Sendable {
  /// The model whose AUC comes first.
  public var first: String
  /// The model whose AUC is subtracted.
  public var second: String
  /// First minus second.
  public var difference: Double
  /// The standard error.
  public var se: Double
  /// The lower 95 % limit.
  public var low: Double?
  /// The upper 95 % limit.
  public var high: Double?
  /// Difference over standard error.
  public var z: Double
  /// The two-sided p-value.
  public var p: Double
}

/// Internal–external cross-validation of the chosen method.
///
/// Source: Royston et al., Stat Med 2004;23:907–926, doi:10.1002/sim.1691. Development patients
/// are always in the training rows and never predicted.
public struct CrossValidation: Codable, Hashable, Sendable {
  /// The method that was refitted without each site.
  public var method: String
  /// Each left-out site.
  public var bySite: [GroupPerformance]
  /// All left-out predictions together.
  public var rows: Performance
  /// Random-effects estimates over the left-out sites.
  public var pooled: PooledPerformance
  /// Left-out predictions against the current release, on the same patients.
  public var againstIncumbent: AUCDifference?
  /// Net benefit of the left-out predictions minus that of the current release, at its cut-off.
  public var netBenefitGain: Double?
  /// The model of all others by left-out site: intercept first, then the terms.
  public var coefficients: [String: [Double]]
  /// Sites for which no model of the others could be fitted.
  public var notComputed: [String: String]

  private enum CodingKeys: String, CodingKey {
    case method, rows, pooled, coefficients
    case bySite = "by_site"
    case againstIncumbent = "against_incumbent"
    case notComputed = "not_computed"
    case netBenefitGain = "net_benefit_gain"
  }
}
