// SPDX-License-Identifier: Apache-2.0
import Registry
import RiskModel

/// How often a predictor, or the outcome, is not known: in all, by site and by outcome.
///
/// Patients who have not withdrawn. What is missing at some sites or with one outcome is not
/// missing at random.
public struct ColumnMissingness: Codable, Hashable, Sendable {
  /// The predictor's column; `outcome` for the outcome itself.
  public var column: String
  /// Patients.
  public var n: Int
  /// Patients without a usable value.
  public var missing: Int
  /// By site, in order.
  public var bySite: [Level]
  /// By `event`, `non_event`, `competing` and `missing`; empty for the outcome itself.
  public var byOutcome: [Level]

  /// Patients of one site or with one outcome.
  public struct Level: Codable, Hashable, Sendable {
    /// The site's code or the outcome.
    public var level: String
    /// Patients.
    public var n: Int
    /// Patients without a usable value.
    public var missing: Int
  }

  private enum CodingKeys: String, CodingKey {
    case column, n, missing
    case bySite = "by_site"
    case byOutcome = "by_outcome"
  }
}

extension ColumnMissingness {
  /// The name of the outcome's own entry.
  public static let outcome = "outcome"

  /// The outcome first, then every predictor in the plan's order.
  static func all(_ rows: PooledRows, _ plan: AnalysisPlan) -> [ColumnMissingness] {
    let present = rows.rows.filter { $0.number(plan.withdrawn) != 1 }
    let states = present.map { rows.status($0, plan) }
    let sites = present.map(\.site)
    func entry(_ column: String, _ missing: [Bool], byOutcome: Bool) -> ColumnMissingness {
      ColumnMissingness(
        column: column,
        n: missing.count,
        missing: missing.count { $0 },
        bySite: levels(sites, missing).sorted { $0.level < $1.level },
        byOutcome: byOutcome
          ? order(levels(states.map(\.rawValue), missing)) : []
      )
    }
    let predictors = plan.predictors.map { predictor in
      entry(
        predictor.column,
        present.map { AnalysisSet.terms(of: predictor, in: $0, plan: plan) == nil },
        byOutcome: true
      )
    }
    return [entry(outcome, states.map { $0 == .missing }, byOutcome: false)] + predictors
  }

  private static func levels(_ names: [String], _ missing: [Bool]) -> [Level] {
    var counts: [String: (n: Int, missing: Int)] = [:]
    for (name, isMissing) in zip(names, missing) {
      counts[name, default: (0, 0)].n += 1
      if isMissing { counts[name]?.missing += 1 }
    }
    return counts.map { Level(level: $0.key, n: $0.value.n, missing: $0.value.missing) }
  }

  private static func order(_ levels: [Level]) -> [Level] {
    OutcomeStatus.allCases.compactMap { status in levels.first { $0.level == status.rawValue } }
  }
}
