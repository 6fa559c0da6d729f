// SPDX-License-Identifier: Apache-2.0

/// The words that stand wherever a predicted risk stands.
public struct OutcomeWording: Codable, Hashable, Sendable {
  /// A short key, for example `no_objective_response_month6`.
  public let name: String
  /// What the probability is of, in full.
  public let statement: String
  /// What must not be concluded from it.
  public let caution: String

  /// Joins the three texts.
  public init(name: String, statement: String, caution: String) {
    self.name = name
    self.statement = statement
    self.caution = caution
  }
}
