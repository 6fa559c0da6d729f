// SPDX-License-Identifier: Apache-2.0

extension AnalysisPlan {
  /// The cells of an outcome column that are events and those that are not; others are missing.
  public struct OutcomeValues: Codable, Hashable, Sendable {
    /// Cells of patients with the outcome.
    public let events: [String]
    /// Cells of patients without it.
    public let nonevents: [String]
  }

  /// A 0/1 column that says whether another column has one of some codes.
  public struct Indicator: Codable, Hashable, Sendable {
    /// The column that is made.
    public let column: String
    /// The column that it is made of; where that is empty, the made one is missing.
    public let of: String
    /// The cells that make it 1; numbers are compared as numbers.
    public let equals: [String]
  }

  /// A model of the plan's predictors in another form, compared by left-out sites.
  public struct Challenger: Codable, Hashable, Sendable {
    /// Names it in the report.
    public let name: String
    /// `linear`; `restricted_cubic_spline` with knots at quantiles of the training patients; or
    /// `lasso`, linear with the penalty of least cross-validated deviance.
    public let form: Form
    /// Knots of each spline.
    public let knots: Int

    /// How the predictors enter.
    public enum Form: String, Codable, Hashable, Sendable {
      /// As they are.
      case linear
      /// As restricted cubic splines.
      case restrictedCubicSpline = "restricted_cubic_spline"
      /// As they are, shrunk and selected by an absolute penalty.
      case lasso
    }

    private enum CodingKeys: String, CodingKey {
      case name, form, knots
    }

    /// Reads a challenger; three knots when not given.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      form = try container.decode(Form.self, forKey: .form)
      knots = try container.decodeIfPresent(Int.self, forKey: .knots) ?? 3
    }
  }

  /// Backward elimination of predictors wherever the plan's own model is fitted.
  public struct Selection: Codable, Hashable, Sendable {
    /// `backward` is the only way.
    public let method: String
    /// k of the criterion, deviance + k × parameters: 2 for Akaike's.
    public let penaltyPerParameter: Double

    private enum CodingKeys: String, CodingKey {
      case method
      case penaltyPerParameter = "penalty_per_parameter"
    }

    /// Reads a selection: backward by Akaike's criterion when not given.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      method = try container.decodeIfPresent(String.self, forKey: .method) ?? "backward"
      penaltyPerParameter =
        try container.decodeIfPresent(Double.self, forKey: .penaltyPerParameter) ?? 2
    }
  }

  /// What is screened, and how the published study did it.
  public struct Screening: Codable, Hashable, Sendable {
    /// Candidate columns; numbers, yes/no, or codes (each but the first becomes a 0/1 column).
    public let columns: [String]
    /// The p-value below which a candidate is kept.
    public let level: Double
    /// Folds of the cross-validation that chooses the LASSO's penalty.
    public let folds: Int
    /// Candidate parameters that the published study screened, for the sample-size statement.
    public let publishedCandidates: Int?
    /// The published univariate odds ratios, by candidate, as printed.
    public let published: [String: String]?

    private enum CodingKeys: String, CodingKey {
      case columns, level, folds, published
      case publishedCandidates = "published_candidates"
    }
  }
}
