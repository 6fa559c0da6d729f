// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import Registry
import Replication
import RiskModel

extension PooledRows {
  /// The site of rows whose file names none.
  public static let unnamedSite = "file"

  /// Reads a file outside any registry.
  ///
  /// Three shapes are read: a hospital's import file (with the record-number column; checked like
  /// an import, refused rows counted), a table of analysis columns (derived indices are computed,
  /// dates are day offsets), and a table of 0/1 columns that the plan's `dichotomised` and
  /// `outcome_column` name. A column with the study's site role splits the rows by site.
  ///
  /// - Throws: `PooledAnalysisError` naming what the file lacks.
  public static func fromCSV(
    _ bytes: Data,
    study: Study,
    plan: AnalysisPlan
  ) throws(PooledAnalysisError) -> PooledRows {
    let table = try CSVTable(Array(bytes))
    if table.header.contains(study.profile.roles.recordNumber) {
      return try importRows(table, study: study)
    }
    return try plainRows(table, study: study, plan: plan)
  }

  private static func importRows(
    _ table: CSVTable,
    study: Study
  ) throws(PooledAnalysisError) -> PooledRows {
    let siteIndex = table.header.firstIndex(of: study.profile.roles.site)
    let isSiteKnown = study.column(study.profile.roles.site) != nil
    let text = siteIndex.map { isSiteKnown ? table : table.removing(column: $0) } ?? table
    let file = ImportFile.read(text.csv(), study: study)
    let fileProblems = file.problems.filter { $0.row == 0 && !$0.isWarning }
    guard fileProblems.isEmpty else { throw .columnsMissing(fileProblems.map(\.column)) }
    guard !file.rows.isEmpty else { throw .allRowsRefused(count: file.refusedRows.count) }

    var order: [PatientKey] = []
    var merged: [PatientKey: AnalysisRow] = [:]
    for row in file.rows {
      let site = siteIndex.map { table.rows[row.row - 1][$0] } ?? unnamedSite
      let own = AnalysisRow(patient: "row \(row.row)", site: site, row: row, study: study)
      if merged[row.mrn] == nil {
        order.append(row.mrn)
        merged[row.mrn] = own
      } else {
        merged[row.mrn]?.values.merge(own.values) { first, _ in first }
        merged[row.mrn]?.addDerived(study)
      }
    }
    return PooledRows(
      rows: order.compactMap { merged[$0] },
      refusedRowCount: file.refusedRows.count,
      outcomeColumn: nil
    )
  }

  private static func plainRows(
    _ table: CSVTable,
    study: Study,
    plan: AnalysisPlan
  ) throws(PooledAnalysisError) -> PooledRows {
    let known = Set(table.header)
    let derived = Set(study.derived.map(\.column))
    let missing = plan.predictors.map(\.column).filter { column in
      let alias = plan.dichotomised[column]
      return !known.contains(column) && !derived.contains(column)
        && !(alias.map(known.contains) ?? false)
    }
    guard missing.isEmpty else { throw .columnsMissing(missing) }
    let hasOutcome = known.contains(plan.outcome.response.column)
    let outcomeColumn =
      hasOutcome ? nil : plan.outcomeColumn.flatMap { known.contains($0) ? $0 : nil }
    guard hasOutcome || outcomeColumn != nil else {
      throw .columnsMissing([plan.outcome.response.column])
    }
    let siteIndex = table.header.firstIndex(of: study.profile.roles.site)
    let rows = table.rows.enumerated().map { index, cells in
      var values: [String: Value] = [:]
      for (column, cell) in zip(table.header, cells) where !cell.isEmpty {
        values[column] = value(cell, field: study.column(column)?.field)
      }
      var row = AnalysisRow(
        patient: "row \(index + 1)",
        site: siteIndex.map { cells[$0] } ?? unnamedSite,
        values: values
      )
      row.addDerived(study)
      return row
    }
    return PooledRows(rows: rows, refusedRowCount: 0, outcomeColumn: outcomeColumn)
  }

  /// A cell of a table of analysis columns; nothing when it does not fit its field.
  private static func value(_ cell: String, field: FieldDefinition?) -> Value? {
    guard let field else { return Double(cell).flatMap { $0.isFinite ? .decimal($0) : nil } }
    switch field.type {
    case .integer: return Int64(cell).map { .integer($0) }
    case .decimal: return Double(cell).flatMap { $0.isFinite ? .decimal($0) : nil }
    case .choice: return field.choices.contains(cell) ? .code(cell) : nil
    case .boolean:
      return ["1": true, "0": false, "true": true, "false": false][cell].map { .boolean($0) }
    case .date: return Int32(cell).map { .day($0) }
    case .text: return nil
    }
  }
}

/// A small CSV file, whole in memory.
struct CSVTable {
  let header: [String]
  let rows: [[String]]

  /// The most bytes that are read.
  static let byteLimit = ImportFile.byteLimit

  private init(header: [String], rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  init(_ bytes: [UInt8]) throws(PooledAnalysisError) {
    guard bytes.count <= Self.byteLimit, String(validating: bytes, as: UTF8.self) != nil else {
      throw .malformedCSV(row: 0)
    }
    var reader = CSVReader(bytes)
    var header: [String] = []
    var rows: [[String]] = []
    while true {
      let cells: [String]?
      do { cells = try reader.next() } catch { throw .malformedCSV(row: rows.count + 1) }
      guard let cells else { break }
      let trimmed = cells.map { $0.trimmingCharacters(in: .whitespaces) }
      if header.isEmpty {
        header = trimmed
      } else if !trimmed.allSatisfy(\.isEmpty) {
        guard trimmed.count == header.count, rows.count < ImportFile.rowLimit else {
          throw .malformedCSV(row: rows.count + 1)
        }
        rows.append(trimmed)
      }
    }
    guard !header.isEmpty, Set(header).count == header.count else { throw .malformedCSV(row: 0) }
    self.init(header: header, rows: rows)
  }

  func removing(column index: Int) -> CSVTable {
    func without(_ cells: [String]) -> [String] {
      var cells = cells
      cells.remove(at: index)
      return cells
    }
    return CSVTable(header: without(header), rows: rows.map(without))
  }

  func csv() -> [UInt8] {
    func quoted(_ cell: String) -> String {
      guard cell.contains(where: { "\",\r\n".contains($0) }) else { return cell }
      return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
    let lines = ([header] + rows).map { $0.map(quoted).joined(separator: ",") }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}
