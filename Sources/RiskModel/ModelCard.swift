// SPDX-License-Identifier: Apache-2.0

/// Where a model comes from and what speaks against it.
public struct ModelCard: Codable, Hashable, Sendable {
  /// The publication or analysis the coefficients come from.
  public var source: String
  /// Setting, period and size of the development cohort.
  public var development: String
  /// How the numbers were obtained; says "recovered" of what was not printed.
  public var provenance: String
  /// For whom and for what the model is meant.
  public var intendedUse: String
  /// Known weaknesses of design and data.
  public var limitations: [String]
  /// Where the source contradicts itself, stated wherever its numbers are shown.
  public var contradictions: [String]

  /// Joins the parts of a card.
  public init(
    source: String,
    development: String,
    provenance: String,
    intendedUse: String,
    limitations: [String],
    contradictions: [String]
  ) {
    self.source = source
    self.development = development
    self.provenance = provenance
    self.intendedUse = intendedUse
    self.limitations = limitations
    self.contradictions = contradictions
  }

  private enum CodingKeys: String, CodingKey {
    case source, development, provenance, limitations, contradictions
    case intendedUse = "intended_use"
  }
}
