// SPDX-License-Identifier: Apache-2.0
import Registry
import RiskModel

extension AnalysisPlan {
  /// Reads a plan; only `name`, `predictors` and one of `outcome` and `outcome_column` must be
  /// there.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func optional<T: Decodable>(_ key: CodingKeys, _ type: T.Type = T.self) throws -> T? {
      try container.decodeIfPresent(T.self, forKey: key)
    }
    name = try container.decode(String.self, forKey: .name)
    predictors = try container.decode([PlannedPredictor].self, forKey: .predictors)
      .map(\.predictor)
    outcome = try optional(.outcome)
    outcomeColumn = try optional(.outcomeColumn)
    outcomeValues = try optional(.outcomeValues)
    siteColumn = try optional(.siteColumn)
    indicators = try optional(.indicators) ?? []
    secondOutcome = try optional(.secondOutcome)
    imputations = try optional(.imputations) ?? 0
    survival = try optional(.survival)
    landmarkDay = try optional(.landmarkDay)
    dichotomised = try optional(.dichotomised) ?? [:]
    fullModel = try optional(.fullModel) ?? "full"
    comparators = try optional(.comparators) ?? []
    comparisons = try optional(.comparisons) ?? []
    development = try optional(.development) ?? "in_development"
    withdrawn = try optional(.withdrawn) ?? "consent_withdrawn"
    groups = try optional(.groups) ?? []
    acquisition = try optional(.acquisition) ?? []
    cutoffRule = try optional(.cutoffRule) ?? "youden"
    missingRule = try optional(.missingRule) ?? "complete_case"
    minimumEventsPerSite = try optional(.minimumEventsPerSite) ?? 10
    choice =
      try optional(.choice)
      ?? ModelChoice(
        eventsPerParameter: 20,
        otherwise: "maximum_likelihood",
        small: "firth",
        smallWithoutDevelopment: "stacked_firth"
      )
    thresholds =
      try optional(.thresholds) ?? ThresholdRange(low: 0.05, high: 0.95, step: 0.05)
    bootstrap = try optional(.bootstrap) ?? Bootstrap(samples: 200, seed: 20_260_101)
    publishedCohort = try optional(.publishedCohort)
    updating = try optional(.updating) ?? UpdatingRules()
    selection = try optional(.selection)
    gate = try optional(.gate)
    challengers = try optional(.challengers) ?? []
    screening = try optional(.screening)
    conduct = try optional(.conduct)
  }

  /// A predictor of which only `column` must be given: linear, dimensionless, drawn from 0 to 1.
  private struct PlannedPredictor: Decodable {
    let predictor: Predictor

    private enum CodingKeys: String, CodingKey {
      case column, label, unit, transform, low, high
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      let column = try container.decode(String.self, forKey: .column)
      predictor = Predictor(
        column: column,
        label: try container.decodeIfPresent(String.self, forKey: .label) ?? column,
        unit: try container.decodeIfPresent(String.self, forKey: .unit) ?? "1",
        transform: try container.decodeIfPresent(Transform.self, forKey: .transform) ?? .linear,
        low: try container.decodeIfPresent(Double.self, forKey: .low) ?? 0,
        high: try container.decodeIfPresent(Double.self, forKey: .high) ?? 1
      )
    }
  }
}
