// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry

/// Candidate predictors one by one and by LASSO, as the published study screened them.
///
/// For the report alone: screening by univariate p-values is poor practice, and nothing that is
/// screened here enters a candidate.
public struct Screening: Codable, Hashable, Sendable {
  /// The candidates, in the plan's order; codes by level.
  public var rows: [Row]
  /// Patients with all candidates, on whom the LASSO was fitted.
  public var complete: Int
  /// Folds of its cross-validation.
  public var folds: Int
  /// The seed of the folds.
  public var seed: UInt64
  /// What could not be computed, and why.
  public var notes: [String]

  /// One candidate.
  public struct Row: Codable, Hashable, Sendable {
    /// The column, with its level for codes.
    public var candidate: String
    /// Patients with a value.
    public var n: Int
    /// The univariate odds ratio; absent when it could not be fitted.
    public var oddsRatio: Double?
    /// Its lower 95 % limit.
    public var low: Double?
    /// Its upper 95 % limit.
    public var high: Double?
    /// The Wald p-value.
    public var p: Double?
    /// Whether the plan's level keeps it.
    public var isKept: Bool
    /// Whether the LASSO keeps it at the penalty of least deviance.
    public var isInLasso: Bool?
    /// Whether it does at the largest penalty within one standard error.
    public var isInSparseLasso: Bool?
    /// What the published study printed.
    public var published: String?

    private enum CodingKeys: String, CodingKey {
      case candidate, n, low, high, p, published
      case oddsRatio = "odds_ratio"
      case isKept = "is_kept"
      case isInLasso = "is_in_lasso"
      case isInSparseLasso = "is_in_sparse_lasso"
    }
  }
}

extension Screening {
  /// Screens the plan's candidates on patients with a known outcome.
  static func measure(_ set: AnalysisSet, plan: AnalysisPlan) -> Screening? {
    guard let asked = plan.screening, !set.patients.isEmpty else { return nil }
    let (names, columns) = columns(set, asked)
    guard !names.isEmpty,
      let screen = try? UnivariateScreen.measure(
        columnNames: names,
        columns: columns,
        outcomes: set.patients.outcomes,
        threshold: asked.level
      )
    else { return nil }
    var result = Screening(
      rows: screen.rows.map { row in
        Row(
          candidate: row.name,
          n: row.count,
          oddsRatio: row.coefficient?.oddsRatio,
          low: row.coefficient?.oddsRatioLow,
          high: row.coefficient?.oddsRatioHigh,
          p: row.coefficient?.p,
          isKept: row.isKept,
          published: asked.published?[row.name]
        )
      },
      complete: 0,
      folds: asked.folds,
      seed: plan.bootstrap.seed,
      notes: screen.rows.compactMap { row in
        row.refusal.map { "\(row.name): \(RefusalText.text($0))" }
      }
    )
    result.addLasso(names, columns, set.patients.outcomes, asked)
    return result
  }

  private mutating func addLasso(
    _ names: [String],
    _ columns: [[Double?]],
    _ outcomes: [Bool],
    _ asked: AnalysisPlan.Screening
  ) {
    let known = outcomes.indices.filter { row in columns.allSatisfy { $0[row] != nil } }
    complete = known.count
    let usable = names.indices.filter { column in
      Set(known.compactMap { columns[column][$0] }).count > 1
    }
    do {
      let design = try DesignMatrix(
        columnNames: usable.map { names[$0] },
        columns: usable.map { column in known.compactMap { columns[column][$0] } }
      )
      let found = try PenalisedCrossValidation.measure(
        design,
        outcomes: known.map { outcomes[$0] },
        folds: Folds.shuffled(known.count, folds: asked.folds, seed: seed),
        loss: .deviance,
        options: PenalisedPathOptions(mixing: 1, smallestRatio: 0.01)
      )
      for (place, column) in usable.enumerated() {
        rows[column].isInLasso = found.minimumCoefficients[place + 1] != 0
        rows[column].isInSparseLasso = found.oneStandardErrorCoefficients[place + 1] != 0
      }
    } catch {
      notes.append("LASSO: \(RefusalText.text(error))")
    }
  }

  /// Numbers as they are; codes as one 0/1 column for each level after the first.
  private static func columns(
    _ set: AnalysisSet,
    _ asked: AnalysisPlan.Screening
  ) -> (names: [String], columns: [[Double?]]) {
    var (names, columns): ([String], [[Double?]]) = ([], [])
    for column in asked.columns {
      let codes = set.patients.map { $0.row.code(column) }
      let levels = Set(codes.compactMap(\.self)).sorted()
      if levels.isEmpty {
        let values = set.patients.map { $0.row.number(column) }
        guard Set(values.compactMap(\.self)).count > 1 else { continue }
        names.append(column)
        columns.append(values)
      } else {
        for level in levels.dropFirst() {
          names.append("\(column)=\(level)")
          columns.append(codes.map { code in code.map { $0 == level ? 1 : 0 } })
        }
      }
    }
    return (names, columns)
  }
}
