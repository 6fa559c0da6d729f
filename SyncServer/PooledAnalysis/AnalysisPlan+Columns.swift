// SPDX-License-Identifier: Apache-2.0
import Registry
import RiskModel

extension AnalysisPlan {
  /// Every column that an analysis under this plan may read; rows of a file keep no others.
  var columns: Set<String> {
    var result = Set(predictors.map(\.column))
    result.formUnion(dichotomised.values)
    result.formUnion(indicators.flatMap { [$0.column, $0.of] })
    for outcome in [outcome, secondOutcome].compactMap(\.self) {
      result.formUnion([outcome.response.column, outcome.response.date, outcome.progression.date])
      result.formUnion([outcome.death.date, outcome.death.cause])
      if let early = outcome.early { result.insert(early.column) }
    }
    if let outcomeColumn { result.insert(outcomeColumn) }
    if let survival {
      result.formUnion([survival.progression, survival.death, survival.cause])
      result.formUnion([survival.assessment, survival.time, survival.event])
    }
    result.formUnion([development, withdrawn])
    result.formUnion(groups + acquisition)
    result.formUnion(screening?.columns ?? [])
    return result
  }
}

extension AnalysisRow {
  /// The row with some columns only.
  func keeping(_ columns: Set<String>) -> AnalysisRow {
    AnalysisRow(
      patient: patient,
      site: site,
      hasConflict: hasConflict,
      everInConflict: everInConflict,
      implausibleColumns: implausibleColumns,
      values: values.filter { columns.contains($0.key) },
      readings: readings.mapValues { $0.filter { columns.contains($0.key) } }
    )
  }
}
