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
        merged[row.mrn]?.readings.merge(own.readings) { $0.merging($1) { first, _ in first } }
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
    let derived = Set(study.derived.map(\.column)).union(plan.indicators.map(\.column))
    let missing = plan.predictors.map(\.column).filter { column in
      let alias = plan.dichotomised[column]
      return !known.contains(column) && !derived.contains(column)
        && !(alias.map(known.contains) ?? false)
    }
    guard missing.isEmpty else { throw .columnsMissing(missing) }
    let response = plan.outcome?.response.column
    let hasOutcome = response.map(known.contains) ?? false
    let outcomeColumn =
      hasOutcome ? nil : plan.outcomeColumn.flatMap { known.contains($0) ? $0 : nil }
    guard hasOutcome || outcomeColumn != nil else {
      throw .columnsMissing([response ?? plan.outcomeColumn ?? "outcome"])
    }
    if let column = plan.siteColumn, !known.contains(column) { throw .columnsMissing([column]) }
    let siteName = plan.siteColumn ?? study.profile.roles.site
    let siteIndex = table.header.firstIndex(of: siteName)
    let rows = table.rows.enumerated().map { index, cells in
      let site = siteIndex.map { cells[$0] } ?? unnamedSite
      return row(index + 1, site: site, table.header, cells, study: study, plan: plan)
    }
    return PooledRows(rows: rows, refusedRowCount: 0, outcomeColumn: outcomeColumn)
  }

  private static func row(
    _ number: Int,
    site: String,
    _ header: [String],
    _ cells: [String],
    study: Study,
    plan: AnalysisPlan
  ) -> AnalysisRow {
    var values: [String: Value] = [:]
    for (column, cell) in zip(header, cells) where !missingCells.contains(cell) {
      values[column] = value(cell, field: study.column(column)?.field)
    }
    var row = AnalysisRow(
      patient: "row \(number)",
      site: site.isEmpty ? unnamedSite : site,
      values: values
    )
    row.addDerived(study)
    for indicator in plan.indicators where row.values[indicator.of] != nil {
      row.values[indicator.column] = .boolean(row.hasCell(indicator.of, in: indicator.equals))
    }
    return row
  }

  /// What other programs write for a missing value.
  private static let missingCells: Set<String> = ["", "NA", "N/A", "NaN", "nan", "NULL", "."]

  /// A cell of a table of analysis columns.
  ///
  /// A cell that does not fit the study's field of that name is read as of a field unknown to the
  /// study: a number, a yes or no, or a code. Another disease may use the same names.
  private static func value(_ cell: String, field: FieldDefinition?) -> Value? {
    if let field {
      switch field.type {
      case .integer: if let number = Int64(cell) { return .integer(number) }
      case .decimal: break
      case .choice: if field.choices.contains(cell) { return .code(cell) }
      case .boolean: break
      case .date: if let day = Int32(cell) { return .day(day) }
      case .text: return nil
      }
      if field.type == .boolean, let flag = ["1": true, "0": false][cell] { return .boolean(flag) }
    }
    if let number = Double(cell) { return number.isFinite ? .decimal(number) : nil }
    switch cell.lowercased() {
    case "true", "yes": return .boolean(true)
    case "false", "no": return .boolean(false)
    default: return .code(cell)
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
