// SPDX-License-Identifier: Apache-2.0
import Registry
import Replication
import RiskModel

/// Predictors whose cells are codes, as 0/1 terms.
///
/// Each code but the first in Unicode order becomes a term `column=code`, so that a plan can name a
/// column of codes as it names a measured one. Cells of a column with any code are all codes.
enum CodedPredictors {
  /// More codes than this are no classes of patients.
  private static let levelLimit = 20

  /// The rows and the plan with 0/1 columns in place of coded predictors.
  ///
  /// - Throws: `decimalComma`, `notNumeric`, or `oneLevel`, naming the column.
  static func expand(
    _ rows: PooledRows,
    _ plan: AnalysisPlan
  ) throws(PooledAnalysisError) -> (PooledRows, AnalysisPlan) {
    var coded: [String: [String]] = [:]
    var numeric: Set<String> = []
    for predictor in plan.predictors {
      switch try cells(of: predictor, rows) {
      case .numbers: continue
      case .numerals: numeric.insert(predictor.column)
      case .codes(let levels): coded[predictor.column] = levels
      }
    }
    guard !coded.isEmpty || !numeric.isEmpty else { return (rows, plan) }
    return (expanded(rows, coded, numeric), expanded(plan, coded))
  }

  private enum Cells {
    case numbers
    /// Codes of a field of the study that are all written as numbers.
    case numerals
    case codes([String])
  }

  private static func cells(
    of predictor: Predictor,
    _ rows: PooledRows
  ) throws(PooledAnalysisError) -> Cells {
    let column = predictor.column
    var codes: Set<String> = []
    var first: Int?
    for (index, row) in rows.rows.enumerated() {
      guard let code = row.code(column) else { continue }
      if isDecimalComma(code) { throw .decimalComma(column: column, row: index + 1) }
      if codes.count <= levelLimit { codes.insert(code) }
      if first == nil, Double(code) == nil { first = index + 1 }
    }
    guard !codes.isEmpty else { return .numbers }
    guard let first else { return .numerals }
    var levels: Set<String> = []
    for row in rows.rows where levels.count <= levelLimit {
      if let text = row.text(column) { levels.insert(text) }
    }
    guard predictor.transform == .linear, levels.count <= levelLimit else {
      throw .notNumeric(column: column, row: first)
    }
    guard levels.count > 1 else { throw .oneLevel(column: column) }
    return .codes(levels.sorted())
  }

  private static func isDecimalComma(_ cell: String) -> Bool {
    let parts = cell.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let whole = parts.first, let rest = parts.last else { return false }
    let digits = whole.first == "-" ? whole.dropFirst() : whole
    return !digits.isEmpty && !rest.isEmpty
      && (digits + rest).utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func name(_ column: String, _ level: String) -> String { "\(column)=\(level)" }

  private static func expanded(
    _ rows: PooledRows,
    _ coded: [String: [String]],
    _ numeric: Set<String>
  ) -> PooledRows {
    let changed = rows.rows.map { row in
      var row = row
      for (column, levels) in coded {
        guard let text = row.text(column) else { continue }
        for level in levels.dropFirst() {
          row.values[name(column, level)] = .boolean(text == level)
        }
      }
      for column in numeric {
        if let code = row.code(column), let number = Double(code), number.isFinite {
          row.values[column] = .decimal(number)
        }
      }
      return row
    }
    return PooledRows(
      rows: changed,
      refusedRowCount: rows.refusedRowCount,
      outcomeColumn: rows.outcomeColumn
    )
  }

  private static func expanded(
    _ plan: AnalysisPlan,
    _ coded: [String: [String]]
  ) -> AnalysisPlan {
    var plan = plan
    func columns(_ column: String) -> [String] {
      coded[column].map { levels in levels.dropFirst().map { name(column, $0) } } ?? [column]
    }
    plan.predictors = plan.predictors.flatMap { predictor -> [Predictor] in
      guard let levels = coded[predictor.column] else { return [predictor] }
      return levels.dropFirst().map { level in
        Predictor(
          column: name(predictor.column, level),
          label: "\(predictor.label): \(level)",
          unit: "1",
          transform: .linear,
          low: 0,
          high: 1
        )
      }
    }
    plan.comparators = plan.comparators.map { own in
      AnalysisPlan.Comparator(name: own.name, columns: own.columns.flatMap(columns))
    }
    for (column, levels) in coded.sorted(by: { $0.key < $1.key }) {
      plan.indicators += levels.dropFirst().map {
        AnalysisPlan.Indicator(column: name(column, $0), of: column, equals: [$0])
      }
    }
    return plan
  }
}

extension AnalysisPlan {
  /// The plan as it is analysed on some rows: predictors of codes as 0/1 terms.
  ///
  /// - Throws: `PooledAnalysisError` naming a column that is neither numbers nor codes.
  public func expanded(for rows: PooledRows) throws(PooledAnalysisError) -> AnalysisPlan {
    try CodedPredictors.expand(rows, self).1
  }
}
