// SPDX-License-Identifier: Apache-2.0
public import Registry
import Replication

/// The rows that an analysis starts from, one a patient.
public struct PooledRows: Hashable, Sendable {
  /// The rows, withdrawn and incomplete patients included.
  public let rows: [AnalysisRow]
  /// Rows of a file that were refused on reading, and so are not among `rows`.
  public let refusedRowCount: Int
  /// The 0/1 column that gives the outcome where a file has no outcome columns of its own.
  let outcomeColumn: String?

  /// Rows of a data cut.
  public init(rows: [AnalysisRow]) {
    self.init(rows: rows, refusedRowCount: 0, outcomeColumn: nil)
  }

  init(rows: [AnalysisRow], refusedRowCount: Int, outcomeColumn: String?) {
    self.rows = rows
    self.refusedRowCount = refusedRowCount
    self.outcomeColumn = outcomeColumn
  }

  /// How a patient counts.
  package func status(_ row: AnalysisRow, _ plan: AnalysisPlan) -> OutcomeStatus {
    guard let outcomeColumn else { return plan.outcome?.classify(row) ?? .missing }
    if let values = plan.outcomeValues {
      if row.hasCell(outcomeColumn, in: values.events) { return .event }
      return row.hasCell(outcomeColumn, in: values.nonevents) ? .nonEvent : .missing
    }
    switch row.number(outcomeColumn) {
    case 1: return .event
    case 0: return .nonEvent
    default: break
    }
    return switch row.code(outcomeColumn)?.lowercased() {
    case "1", "t", "y": .event
    case "0", "f", "n": .nonEvent
    default: .missing
    }
  }
}

extension AnalysisRow {
  /// Whether a column is one of some cells as written in a file; numbers are compared as numbers.
  func hasCell(_ column: String, in cells: [String]) -> Bool {
    if let code = code(column) { return cells.contains(code) }
    if case .boolean(let flag) = values[column] {
      let names = flag ? ["1", "true", "yes"] : ["0", "false", "no"]
      return cells.contains { names.contains($0.lowercased()) }
    }
    guard let number = number(column) else { return false }
    return cells.contains { Double($0) == number }
  }
}
