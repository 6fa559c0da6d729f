// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import PooledAnalysis
import Registry
import Replication

/// Lays the rows of a cut out as columns, exact or coarsened.
struct RowExport {
  let study: Study
  let plan: AnalysisPlan
  let isExact: Bool
  private let groups: SiteGroups
  private let pooled: PooledRows
  /// Whether the cut says what was ever in conflict; cuts of earlier programs do not.
  private let hasHistory: Bool

  init(rows: [AnalysisRow], study: Study, plan: AnalysisPlan, isExact: Bool) {
    self.study = study
    self.plan = plan
    self.isExact = isExact
    groups = SiteGroups(rows)
    pooled = PooledRows(rows: rows)
    hasHistory = rows.contains { $0.everInConflict != nil }
  }

  /// The file's columns and rows.
  ///
  /// Coarsened rows have running numbers for patient ids, in an order that a hash of cut and
  /// patient gives: neither time nor hospital shows in it.
  func table(cutSHA256: Data) -> ExportTable {
    let fields = fieldColumns()
    var table = ExportTable(columns: frame + fields.flatMap(\.columns) + [outcome])
    let ordered =
      isExact
      ? pooled.rows
      : pooled.rows.map { (key: Self.key($0, cutSHA256), row: $0) }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.row)
    for (index, row) in ordered.enumerated() {
      let shown = isExact ? row : Coarsening.laboratory(row, study: study)
      let status = pooled.status(row, plan)
      table.rows.append(
        frameCells(row, index) + fields.flatMap { $0.cells(shown) } + [status.rawValue]
      )
    }
    return table
  }

  private func frameCells(_ row: AnalysisRow, _ index: Int) -> [String] {
    var cells = [
      isExact ? row.patient : String(index + 1),
      isExact ? row.site : groups.name(of: row.site),
      row.hasConflict ? "1" : "0",
    ]
    if hasHistory { cells.append(row.everInConflict?.isEmpty == false ? "1" : "0") }
    return cells + [String(row.implausibleColumns.count)]
  }

  private static func key(_ row: AnalysisRow, _ cutSHA256: Data) -> [UInt8] {
    Array(SHA256.hash(data: cutSHA256 + Data("\(row.site)/\(row.patient)".utf8)))
  }

  private var frame: [ExportColumn] {
    let history = hasHistory ? [everInConflict] : []
    return [patient, site, conflict] + history + [leftOut]
  }

  private var patient: ExportColumn {
    ExportColumn(
      name: "patient",
      kind: .text,
      label: "Patient",
      note: isExact
        ? "the random id, as on the wire"
        : "a running number of this export; not the same in another cut"
    )
  }

  private var site: ExportColumn {
    ExportColumn(
      name: study.profile.roles.site,
      kind: .choice,
      label: "Hospital",
      levels: isExact ? Set(pooled.rows.map(\.site)).sorted() : groups.shown,
      note: isExact
        ? "" : "hospitals with fewer than \(SiteGroups.leastPatients) patients stand together"
    )
  }

  private var conflict: ExportColumn {
    ExportColumn(
      name: "conflict",
      kind: .flag,
      label: "Any value of the row is one of several concurrent ones",
      note: "the value shown is the one with the greatest Lamport counter"
    )
  }

  private var everInConflict: ExportColumn {
    ExportColumn(
      name: "ever_in_conflict",
      kind: .flag,
      label: "Any value of the row was ever one of several concurrent ones",
      note: "also where a person has resolved it since"
    )
  }

  private var leftOut: ExportColumn {
    ExportColumn(
      name: "left_out",
      kind: .number,
      label: "Values left out because their kind or hard limit forbids them"
    )
  }

  private var outcome: ExportColumn {
    ExportColumn(
      name: "outcome_status",
      kind: .choice,
      label: plan.outcome?.label ?? "Outcome",
      levels: OutcomeStatus.allCases.map(\.rawValue),
      note: "by the analysis plan, from exact values; missing is never a non-event"
    )
  }
}

/// A field's columns in the file and how a row's cells are made.
private struct FieldColumns {
  let columns: [ExportColumn]
  let cells: (AnalysisRow) -> [String]
}

extension RowExport {
  private func fieldColumns() -> [FieldColumns] {
    var all: [FieldColumns] = []
    for field in study.dictionary.fields where !field.isIdentifying {
      guard field.name != study.profile.roles.withdrawn, field.name != study.profile.roles.link
      else { continue }
      for event in field.events {
        all.append(columns(of: field, study.dictionary.column(field.name, event: event), event))
      }
    }
    return all + study.derived.map(derived)
  }

  private func columns(
    of field: FieldDefinition,
    _ name: String,
    _ event: String
  ) -> FieldColumns {
    if !isExact, field.name == study.profile.roles.age { return band(field, name) }
    if !isExact, field.type == .date { return weeks(field, name, event) }
    let isHidden = !isExact && field.name == study.profile.roles.development
    let joined = groups.joined
    let column = ExportColumn(
      name: name,
      kind: kind(of: field.type),
      label: label(field, event),
      unit: field.type == .date ? "d" : field.unit,
      levels: field.choices,
      note: field.type == .date
        ? "days from treatment start"
        : isHidden ? "blank where hospitals stand together: it would tell them apart" : ""
    )
    return FieldColumns(columns: [column]) { row in
      isHidden && joined.contains(row.site) ? [""] : [Self.cell(row.values[name])]
    }
  }

  private func band(_ field: FieldDefinition, _ name: String) -> FieldColumns {
    let pooled = study.profile.pooledAge
    let youngest = field.hard.map { Int($0.lowerBound) } ?? 0
    let column = ExportColumn(
      name: "\(name)_band",
      kind: .choice,
      label: field.label,
      unit: field.unit,
      levels: Coarsening.bands(from: youngest, pooledAge: pooled),
      note: "bands of \(Coarsening.bandYears) years"
    )
    return FieldColumns(columns: [column]) { row in
      guard case .integer(let age) = row.values[name] else { return [Self.cell(row.values[name])] }
      return [Coarsening.band(Int(age), pooledAge: pooled)]
    }
  }

  private func weeks(_ field: FieldDefinition, _ name: String, _ event: String) -> FieldColumns {
    var columns = [
      ExportColumn(
        name: "\(name)_week",
        kind: .number,
        label: label(field, event),
        unit: "wk",
        note: "whole weeks from treatment start: days 0 to 6 are week 0"
      )
    ]
    let window = field.soft
    if let window {
      columns.append(
        ExportColumn(
          name: "\(name)_in_window",
          kind: .flag,
          label: "\(label(field, event)): within the window of the dictionary",
          note: "days \(Int(window.lowerBound)) to \(Int(window.upperBound))"
        )
      )
    }
    return FieldColumns(columns: columns) { row in
      guard let day = row.day(name) else {
        return [Self.cell(row.values[name])] + (window == nil ? [] : [""])
      }
      return [String(Coarsening.week(day))]
        + (window.map { [$0.contains(Double(day)) ? "1" : "0"] } ?? [])
    }
  }

  private func derived(_ index: DerivedIndex) -> FieldColumns {
    let kind: ExportColumn.Kind = isFlag(index) ? .flag : .number
    let column = ExportColumn(
      name: index.column,
      kind: kind,
      label: index.label,
      unit: index.unit,
      note: isExact
        ? "computed, never typed" : "computed from the values of this file, never typed"
    )
    return FieldColumns(columns: [column]) { [Self.cell($0.values[index.column])] }
  }

  /// A claim gives yes or no; what it gives is seen in the rows.
  private func isFlag(_ index: DerivedIndex) -> Bool {
    pooled.rows.contains { if case .boolean = $0.values[index.column] { true } else { false } }
  }

  private func label(_ field: FieldDefinition, _ event: String) -> String {
    field.events.count > 1 ? "\(field.label), \(event)" : field.label
  }

  private func kind(of type: FieldType) -> ExportColumn.Kind {
    switch type {
    case .text: .text
    case .date, .integer, .decimal: .number
    case .choice: .choice
    case .boolean: .flag
    }
  }

  static func cell(_ value: Value?) -> String {
    switch value {
    case .integer(let number): String(number)
    case .decimal(let number): "\(number)"
    case .code(let code): code
    case .boolean(let flag): flag ? "1" : "0"
    case .day(let day): String(day)
    case .missing(let reason): reason.rawValue
    case .patient, .retracted, .erased, nil: ""
    }
  }
}
