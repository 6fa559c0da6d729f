// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import Registry
public import RiskModel

/// What is analysed and how, written before the data are seen.
///
/// The JSON is documented in `docs/analysis-plan.md`. Nothing else in this module names a predictor
/// or a column.
public struct AnalysisPlan: Codable, Hashable, Sendable {
  /// Names the plan in reports.
  public let name: String
  /// How a patient of a registry counts; nil for plans of files with a column of the outcome.
  public let outcome: OutcomeDefinition?
  /// A column that gives the outcome, 0/1 or by `outcomeValues`, where a file lacks the columns of
  /// `outcome`.
  public let outcomeColumn: String?
  /// What the cells of `outcomeColumn` mean; 1 and 0 when nil.
  public let outcomeValues: OutcomeValues?
  /// The column with the site of a file; the study's when nil.
  public let siteColumn: String?
  /// 0/1 columns made of others, so that a column of codes can be a predictor.
  public internal(set) var indicators: [Indicator]
  /// A second outcome, for which discrimination is reported.
  public let secondOutcome: OutcomeDefinition?
  /// How often missing predictors are imputed for the sensitivity analysis; 0 leaves it out.
  public let imputations: Int
  /// Time to progression, for analyses by risk group.
  public let survival: ProgressionFreeSurvival?
  /// The day from treatment start at which the predictors are known; survival starts there.
  public let landmarkDay: Int?
  /// The predictors of the full model, in the order of its terms.
  public internal(set) var predictors: [Predictor]
  /// By predictor column, a 0/1 column that says on which side of the threshold a patient is, in
  /// files without the measured value.
  public let dichotomised: [String: String]
  /// What the full model is called in comparisons.
  public let fullModel: String
  /// Smaller models fitted beside the full one.
  public internal(set) var comparators: [Comparator]
  /// Pairs of models whose AUCs are compared on the same patients.
  public let comparisons: [Comparison]
  /// The yes/no column that marks the published development cohort.
  public let development: String
  /// The yes/no column of withdrawn consent.
  public let withdrawn: String
  /// Columns by whose codes performance is also shown.
  public let groups: [String]
  /// Columns that are described site by site: how images were acquired.
  public let acquisition: [String]
  /// How the cut-off is chosen; `youden` with the midpoint rule is the only one.
  public let cutoffRule: String
  /// What happens to incomplete patients; `complete_case` is the only rule.
  public let missingRule: String
  /// Sites with fewer events or non-events enter pooled estimates only.
  public let minimumEventsPerSite: Int
  /// Which refit becomes the candidate.
  public let choice: ModelChoice
  /// Threshold probabilities of the decision curve.
  public let thresholds: ThresholdRange
  /// Resamples for the correction of optimism.
  public let bootstrap: Bootstrap
  /// The published cohort as counts, for stacking.
  public let publishedCohort: PublishedCohort?
  /// How a model is updated.
  public let updating: UpdatingRules
  /// Which predictors leave the plan's own model; nil where all stay.
  public let selection: Selection?
  /// What a candidate must show; no candidate passes where it is nil.
  public let gate: GateRules?
  /// Models with other terms that are compared with the plan's own, never released.
  public let challengers: [Challenger]
  /// Candidate predictors that are screened one by one and by LASSO, for the report alone.
  public let screening: Screening?
  /// Registration, ethics and what else readers ask of a study.
  public let conduct: Conduct?

  enum CodingKeys: String, CodingKey {
    case name, outcome, survival, predictors, dichotomised, comparators, comparisons, development
    case withdrawn, groups, choice, thresholds, bootstrap, gate, indicators, updating, challengers
    case screening, imputations, acquisition, conduct, selection
    case secondOutcome = "second_outcome"
    case outcomeColumn = "outcome_column"
    case outcomeValues = "outcome_values"
    case siteColumn = "site_column"
    case landmarkDay = "landmark_day"
    case fullModel = "full_model"
    case cutoffRule = "cutoff_rule"
    case missingRule = "missing_rule"
    case minimumEventsPerSite = "minimum_events_per_site"
    case publishedCohort = "published_cohort"
  }

  /// A model of some of the plan's predictors.
  public struct Comparator: Codable, Hashable, Sendable {
    /// Names the model.
    public let name: String
    /// Columns of the plan's predictors.
    public let columns: [String]
  }

  /// Two models, by name.
  public struct Comparison: Codable, Hashable, Sendable {
    /// The model whose AUC comes first in the difference.
    public let first: String
    /// The model whose AUC is subtracted.
    public let second: String
  }

  /// How often and from which seed patients are resampled.
  public struct Bootstrap: Codable, Hashable, Sendable {
    /// Resamples; 0 leaves the correction out.
    public let samples: Int
    /// The seed.
    public let seed: UInt64
  }

  /// Threshold probabilities from `low` to `high`, both included.
  public struct ThresholdRange: Codable, Hashable, Sendable {
    /// The lowest threshold.
    public let low: Double
    /// The highest threshold.
    public let high: Double
    /// The distance between thresholds.
    public let step: Double

    /// The thresholds themselves.
    public var values: [Double] {
      let count = Int(((high - low) / step + 1e-9).rounded(.down))
      return (0...max(0, count)).map { ((low + Double($0) * step) * 1e9).rounded() / 1e9 }
    }
  }
}

/// Which refit becomes the candidate.
public struct ModelChoice: Codable, Hashable, Sendable {
  /// Below so many events (or non-events) a parameter the cut is small.
  public let eventsPerParameter: Double
  /// The model of a cut that is large enough.
  public let otherwise: String
  /// The model of a small or separated cut with development patients.
  public let small: String
  /// The model of a small or separated cut without them.
  public let smallWithoutDevelopment: String

  private enum CodingKeys: String, CodingKey {
    case otherwise, small
    case eventsPerParameter = "events_per_parameter"
    case smallWithoutDevelopment = "small_without_development"
  }
}

/// The published development cohort as counts of patients by their terms.
public struct PublishedCohort: Codable, Hashable, Sendable {
  /// Where the counts come from.
  public let source: String
  /// Term names, in the order of each pattern's terms.
  public let terms: [String]
  /// The counts.
  public let patterns: [Pattern]

  /// Patients with the same terms.
  public struct Pattern: Codable, Hashable, Sendable {
    /// The values of the terms.
    public let terms: [Double]
    /// Patients.
    public let n: Int
    /// Patients with the outcome.
    public let events: Int
  }
}

extension AnalysisPlan {
  /// The largest plan that is read, in bytes.
  public static let byteLimit = 1 << 20

  /// The term names of the full model.
  public var termNames: [String] { predictors.flatMap(\.termNames) }

  /// Reads and checks a plan.
  ///
  /// - Throws: `PooledAnalysisError.malformedPlan` or `.planInconsistent`.
  public static func decode(_ bytes: Data) throws(PooledAnalysisError) -> AnalysisPlan {
    guard bytes.count <= byteLimit else { throw .malformedPlan("document") }
    let plan: AnalysisPlan
    do {
      plan = try JSONDecoder().decode(AnalysisPlan.self, from: bytes)
    } catch {
      throw .malformedPlan(Self.place(of: error))
    }
    try plan.check()
    return plan
  }

  private func check() throws(PooledAnalysisError) {
    let columns = Set(predictors.map(\.column))
    guard !predictors.isEmpty, columns.count == predictors.count else {
      throw .planInconsistent("predictors")
    }
    guard dichotomised.keys.allSatisfy(columns.contains) else {
      throw .planInconsistent("dichotomised")
    }
    guard comparators.allSatisfy({ !$0.columns.isEmpty && columns.isSuperset(of: $0.columns) })
    else { throw .planInconsistent("comparators") }
    let names = Set(comparators.map(\.name)).union([fullModel])
    guard comparisons.allSatisfy({ names.contains($0.first) && names.contains($0.second) }) else {
      throw .planInconsistent("comparisons")
    }
    guard cutoffRule == "youden" else { throw .planInconsistent("cutoff_rule") }
    guard missingRule == "complete_case" else { throw .planInconsistent("missing_rule") }
    let range = thresholds
    guard range.low > 0, range.high < 1, range.low <= range.high, range.step >= 0.001 else {
      throw .planInconsistent("thresholds")
    }
    guard (0...10_000).contains(bootstrap.samples) else { throw .planInconsistent("bootstrap") }
    guard (0...100).contains(imputations), imputations != 1 else {
      throw .planInconsistent("imputations")
    }
    guard outcome != nil || outcomeColumn != nil else { throw .planInconsistent("outcome") }
    guard updating.level > 0, updating.level < 1 else { throw .planInconsistent("updating") }
    if let fault = gate?.firstFault { throw .planInconsistent(fault) }
    if let selection {
      guard selection.method == "backward", selection.penaltyPerParameter > 0,
        selection.penaltyPerParameter.isFinite
      else { throw .planInconsistent("selection") }
    }
    guard challengers.count <= 10, challengers.allSatisfy({ (3...7).contains($0.knots) }) else {
      throw .planInconsistent("challengers")
    }
    if let cohort = publishedCohort {
      let isWhole = cohort.patterns.allSatisfy {
        $0.terms.count == cohort.terms.count && (0...$0.n).contains($0.events) && $0.n < 1_000_000
      }
      guard isWhole else { throw .planInconsistent("published_cohort") }
    }
  }

  private static func place(of error: any Error) -> String {
    guard let error = error as? DecodingError else { return "document" }
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return (context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".")
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return path(context).isEmpty ? "document" : path(context)
    @unknown default: return "document"
    }
  }
}
