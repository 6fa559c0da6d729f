// SPDX-License-Identifier: Apache-2.0
public import Registry

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
  func status(_ row: AnalysisRow, _ plan: AnalysisPlan) -> OutcomeStatus {
    guard let outcomeColumn else { return plan.outcome.classify(row) }
    return switch row.number(outcomeColumn) {
    case 1: .event
    case 0: .nonEvent
    default: .missing
    }
  }
}
