// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// What a study adds to its reports: words in other languages, decisions at thresholds, and the
/// figures that its publication printed.
///
/// A file of the study, `report.json`; nothing in it enters an estimate.
public struct StudyReportFile: Codable, Hashable, Sendable {
  /// By language (`zh`), the study's sentences and names by their English.
  public var words: [String: [String: String]] = [:]
  /// What is decided at which predicted risk.
  public var decisions: [Decision] = []
  /// The printed figures.
  public var published: PublishedTables?

  /// What a threshold probability stands for.
  public struct Decision: Codable, Hashable, Sendable {
    /// The predicted risk.
    public var threshold: Double
    /// What is done at or above it.
    public var action: String
    /// What the choice of the threshold weighs.
    public var weighing: String
  }

  private enum CodingKeys: String, CodingKey {
    case words, decisions, published
  }

  /// Reads the file; each part may be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    words = try container.decodeIfPresent([String: [String: String]].self, forKey: .words) ?? [:]
    decisions = try container.decodeIfPresent([Decision].self, forKey: .decisions) ?? []
    published = try container.decodeIfPresent(PublishedTables.self, forKey: .published)
  }

  /// Reads the bytes of a study's file.
  ///
  /// - Throws: `PooledAnalysisError.malformedPlan` naming the file.
  public static func decode(_ bytes: Data) throws(PooledAnalysisError) -> StudyReportFile {
    do {
      return try JSONDecoder().decode(StudyReportFile.self, from: bytes)
    } catch { throw .malformedPlan("report.json") }
  }
}

/// The figures of a publication, as printed, and where it contradicts itself.
public struct PublishedTables: Codable, Hashable, Sendable {
  /// The publication.
  public var source: String
  /// The figures.
  public var figures: [Figure]
  /// The contradictions.
  public var contradictions: [Contradiction]

  /// One printed figure.
  public struct Figure: Codable, Hashable, Sendable {
    /// Where it is printed.
    public var place: String
    /// What it is of.
    public var item: String
    /// What it is.
    public var measure: String
    /// As printed.
    public var printed: String
    /// The computed quantity it is held against; nil where patients' data would be needed.
    public var quantity: String?
    /// Another quantity that the printed figure equals, where it differs from the first.
    public var explained: String?
    /// Printed shares that the printed predictive value follows from by Bayes' rule.
    public var bayes: Shares?
    /// What the other quantity or the rule is.
    public var explanation: String?
    /// The number of the contradiction that the figure belongs to.
    public var contradiction: Int?
  }

  /// Sensitivity, specificity and prevalence, in per cent as printed.
  public struct Shares: Codable, Hashable, Sendable {
    /// `ppv` or `npv`.
    public var of: String
    /// Sensitivity.
    public var sensitivity: Double
    /// Specificity.
    public var specificity: Double
    /// The share of patients with the outcome.
    public var prevalence: Double
  }

  /// One contradiction.
  public struct Contradiction: Codable, Hashable, Sendable {
    /// Its number.
    public var number: Int
    /// What the publication says.
    public var statement: String
    /// What speaks against it; `{quantity|digits}` stands for a computed quantity.
    public var evidence: String
  }
}
