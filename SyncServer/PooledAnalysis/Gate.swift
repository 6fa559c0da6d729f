// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Whether one criterion of the gate is met.
public struct GateResult: Codable, Hashable, Sendable {
  /// The criterion's key.
  public var criterion: String
  /// What is asked, in words.
  public var label: String
  /// The computed value; absent when it was not computed.
  public var value: Double?
  /// The limit, for example `≥ 4` or `0.8 to 1.2`.
  public var limit: String
  /// Whether the value was computed and lies within the limit.
  public var pass: Bool
  /// Why a value is absent.
  public var note: String?

  private enum CodingKeys: String, CodingKey {
    case criterion, label, value, limit, pass, note
  }

  /// Writes `value` as null when it was not computed, so that its absence is seen.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(criterion, forKey: .criterion)
    try container.encode(label, forKey: .label)
    try container.encode(value, forKey: .value)
    try container.encode(limit, forKey: .limit)
    try container.encode(pass, forKey: .pass)
    try container.encodeIfPresent(note, forKey: .note)
  }
}

/// Compares computed values with the plan's criteria.
enum Gate {
  static func evaluate(_ plan: AnalysisPlan, values: [String: Double]) -> [GateResult] {
    plan.gate.map { criterion in
      let value = values[criterion.criterion].flatMap { $0.isFinite ? $0 : nil }
      let isMet =
        value.map { number in
          number >= criterion.atLeast ?? -.infinity && number <= criterion.atMost ?? .infinity
        } ?? false
      return GateResult(
        criterion: criterion.criterion,
        label: criterion.label,
        value: value,
        limit: limit(criterion),
        pass: isMet,
        note: value == nil ? "not computed here, so not passed" : nil
      )
    }
  }

  private static func limit(_ criterion: GateCriterion) -> String {
    func text(_ number: Double) -> String { String(format: "%g", number) }
    switch (criterion.atLeast, criterion.atMost) {
    case (let low?, let high?): return "\(text(low)) to \(text(high))"
    case (let low?, nil): return "≥ \(text(low))"
    case (nil, let high?): return "≤ \(text(high))"
    case (nil, nil): return "none stated"
    }
  }
}
