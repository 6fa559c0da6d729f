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
      return try importRows(table.text(study), study: study, plan: plan)
    }
    return try plainRows(table, study: study, plan: plan)
  }

  /// Rows of a hospital's file.
  ///
  /// What is read is let go row by row: the file of a whole network takes hundreds of megabytes.
  private static func importRows(
    _ text: (bytes: [UInt8], sites: [String]?),
    study: Study,
    plan: AnalysisPlan
  ) throws(PooledAnalysisError) -> PooledRows {
    var (waiting, refusedCount) = try accepted(text.bytes, study: study)
    waiting.reverse()
    var places: [PatientKey: Int] = [:]
    var rows: [AnalysisRow] = []
    rows.reserveCapacity(waiting.count)
    let columns = plan.columns
    // Where a patient has several rows, indices are known when all were read.
    let names = text.bytes.prefix { $0 != 0x0A }.split(separator: 0x2C).map { Array($0) }
    let hasSeveral = ["event", "reader", "redcap_event_name"].contains {
      names.contains(Array($0.utf8))
    }
    var several: Set<Int> = []
    while let row = waiting.popLast() {
      let site = text.sites?[row.row - 1] ?? unnamedSite
      let own = AnalysisRow(patient: "row \(row.row)", site: site, row: row, study: study)
      if let place = places[row.mrn] {
        rows[place].values.merge(own.values) { first, _ in first }
        rows[place].readings.merge(own.readings) { $0.merging($1) { first, _ in first } }
        several.insert(place)
      } else {
        places[row.mrn] = rows.count
        rows.append(hasSeveral ? own : own.keeping(columns))
      }
    }
    for place in several { rows[place].addDerived(study) }
    if hasSeveral { rows = rows.map { $0.keeping(columns) } }
    return PooledRows(rows: rows, refusedRowCount: refusedCount, outcomeColumn: nil)
  }

  private static func accepted(
    _ bytes: [UInt8],
    study: Study
  ) throws(PooledAnalysisError) -> (rows: [ImportRow], refusedCount: Int) {
    let file = ImportFile.read(bytes, study: study)
    let fileProblems = file.problems.filter { $0.row == 0 && !$0.isWarning }
    guard fileProblems.isEmpty else { throw .columnsMissing(fileProblems.map(\.column)) }
    guard !file.rows.isEmpty else { throw .allRowsRefused(count: file.refusedRows.count) }
    return (file.rows, file.refusedRows.count)
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
    let sources = plan.indicators.map(\.of).filter { !known.contains($0) && !derived.contains($0) }
    guard sources.isEmpty else { throw .columnsMissing(sources) }
    if let column = plan.siteColumn, !known.contains(column) { throw .columnsMissing([column]) }
    let siteName = plan.siteColumn ?? study.profile.roles.site
    let siteIndex = table.header.firstIndex(of: siteName)
    let columns = plan.columns
    let rows = table.rows.enumerated().map { index, cells in
      let site = siteIndex.map { cells[$0] } ?? unnamedSite
      return row(
        index + 1,
        site: site,
        table.header,
        cells,
        study: study,
        plan: plan,
        columns: columns
      )
    }
    let result = PooledRows(rows: rows, refusedRowCount: 0, outcomeColumn: outcomeColumn)
    try result.checkOutcome(plan)
    return result
  }

  /// Refuses an outcome that would be one-sided only because its cells are not understood.
  private func checkOutcome(_ plan: AnalysisPlan) throws(PooledAnalysisError) {
    guard let outcomeColumn else { return }
    var counts: [OutcomeStatus: Int] = [:]
    for row in rows where row.values[outcomeColumn] != nil {
      counts[status(row, plan), default: 0] += 1
    }
    let unread = counts[.missing] ?? 0
    guard unread > 0, counts[.event] == nil || counts[.nonEvent] == nil else { return }
    throw .outcomeNotUnderstood(column: outcomeColumn, cells: unread)
  }

  private static func row(
    _ number: Int,
    site: String,
    _ header: [String],
    _ cells: [String],
    study: Study,
    plan: AnalysisPlan,
    columns: Set<String>
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
    return row.keeping(columns)
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
