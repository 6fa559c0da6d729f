// SPDX-License-Identifier: Apache-2.0

import PooledAnalysis
import Registry
import Replication

/// The tables of counts that may leave the centre: one classification of patients by outcome each.
///
/// The tables share no totals but those of the outcome, which all of them show. So none of them
/// says anything of another's hidden cells.
enum CountTables {
  private static let notRecorded = "not recorded"

  /// Counts by hospital, by age band, and by every choice of the patient record.
  static func make(_ rows: [AnalysisRow], study: Study, plan: AnalysisPlan) -> [CountTable] {
    let pooled = PooledRows(rows: rows)
    let groups = SiteGroups(rows)
    let age = study.profile.roles.age
    let bands =
      Coarsening.bands(from: 0, pooledAge: study.profile.pooledAge) + [notRecorded]
    func table(
      _ name: String,
      _ categories: [String],
      _ category: (AnalysisRow) -> String
    )
      -> CountTable
    {
      CountTable(
        name: name,
        rows: categories,
        columns: OutcomeStatus.allCases.map(\.rawValue),
        patients: rows.map { (row: category($0), column: pooled.status($0, plan).rawValue) }
      )
    }
    var tables = [
      table("\(study.profile.roles.site)_by_outcome", groups.shown) { groups.name(of: $0.site) },
      table("\(age)_band_by_outcome", bands) { row in
        guard case .integer(let years) = row.values[age] else { return notRecorded }
        return Coarsening.band(Int(years), pooledAge: study.profile.pooledAge)
      },
    ]
    for field in study.dictionary.fields
    where field.record == "patient" && field.type == .choice && field.events == [""] {
      tables.append(
        table("\(field.name)_by_outcome", field.choices + [notRecorded]) { row in
          row.code(field.name) ?? notRecorded
        }
      )
    }
    return tables
  }
}

extension SafeTable {
  /// The table as a file; a hidden cell is `hidden`.
  var csv: String {
    var lines = [[name] + columns + ["all"]]
    for (index, row) in rows.enumerated() {
      lines.append(
        [row] + cells[index].map { $0.map(String.init) ?? "hidden" } + [String(rowTotals[index])]
      )
    }
    lines.append(["all"] + columnTotals.map(String.init) + [String(total)])
    return CSVText.lines(lines)
  }
}
