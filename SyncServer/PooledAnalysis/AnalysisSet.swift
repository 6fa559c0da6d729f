// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry
import RiskModel

/// A patient with predictors and outcome.
struct AnalysedPatient: Hashable, Sendable {
  let row: AnalysisRow
  let terms: [Double]
  let isEvent: Bool
  let isDevelopment: Bool
}

/// The patients of an analysis and the count of those who were left out.
struct AnalysisSet: Sendable {
  let termNames: [String]
  private(set) var patients: [AnalysedPatient] = []
  /// Predictors known, outcome competing; for the worst and the best case.
  private(set) var competing: [AnalysedPatient] = []
  private(set) var flow = EligibilityFlow()
  /// Whether any patient not withdrawn, complete or not, belongs to the development cohort.
  private(set) var hasDevelopment = false

  /// - Parameters:
  ///   - pooled: All rows.
  ///   - predictors: Who is complete.
  ///   - plan: The plan.
  ///   - outcome: Another outcome than the plan's first.
  init(
    _ pooled: PooledRows,
    predictors: [Predictor],
    plan: AnalysisPlan,
    outcome: OutcomeDefinition? = nil
  ) {
    termNames = predictors.flatMap(\.termNames)
    flow.patients = pooled.rows.count
    flow.refusedRows = pooled.refusedRowCount
    if pooled.rows.contains(where: { $0.everInConflict != nil }) {
      (flow.everInConflict, flow.completeEverInConflict) = (0, 0)
    }
    for row in pooled.rows {
      let status = outcome?.classify(row) ?? pooled.status(row, plan)
      add(row, status: status, predictors: predictors, plan: plan)
    }
    markPublishedCohort(plan)
    flow.completeDevelopment = patients.count(where: \.isDevelopment)
  }

  var external: [AnalysedPatient] { patients.filter { !$0.isDevelopment } }
  var development: [AnalysedPatient] { patients.filter(\.isDevelopment) }

  private mutating func add(
    _ row: AnalysisRow,
    status: OutcomeStatus,
    predictors: [Predictor],
    plan: AnalysisPlan
  ) {
    guard row.number(plan.withdrawn) != 1 else {
      flow.withdrawn += 1
      return
    }
    let isDevelopment = row.number(plan.development) == 1
    if isDevelopment { hasDevelopment = true }
    if row.hasConflict { flow.conflicts += 1 }
    if row.wasInConflict { flow.everInConflict? += 1 }
    if !row.implausibleColumns.isEmpty { flow.implausible += 1 }
    var terms: [Double] = []
    var isMissing = false
    for predictor in predictors {
      if let own = Self.terms(of: predictor, in: row, plan: plan) {
        terms += own
      } else {
        isMissing = true
        flow.missingByPredictor[predictor.column, default: 0] += 1
      }
    }
    let patient = AnalysedPatient(
      row: row,
      terms: terms,
      isEvent: status == .event,
      isDevelopment: isDevelopment
    )
    switch status {
    case .competing:
      flow.competing += 1
      if !isMissing { competing.append(patient) }
    case .missing: flow.missingOutcome += 1
    case .event, .nonEvent:
      if isMissing {
        flow.missingPredictor += 1
      } else {
        flow.complete += 1
        if row.hasConflict { flow.completeWithConflict += 1 }
        if row.wasInConflict { flow.completeEverInConflict? += 1 }
        patients.append(patient)
      }
    }
  }

  /// The terms of a predictor in a row; nil where it is not known.
  static func terms(
    of predictor: Predictor,
    in row: AnalysisRow,
    plan: AnalysisPlan
  ) -> [Double]? {
    if let value = row.number(predictor.column) { return predictor.transform.terms(value) }
    guard case .threshold = predictor.transform, let alias = plan.dichotomised[predictor.column],
      let flag = row.number(alias), flag == 0 || flag == 1
    else { return nil }
    return [flag]
  }

  /// The same patients less some, for sensitivity analyses; the flow stays that of all.
  func filtered(_ isKept: (AnalysedPatient) -> Bool) -> AnalysisSet {
    var result = self
    result.patients = patients.filter(isKept)
    return result
  }

  /// A file without the development marker may still be the published cohort: its counts tell.
  private mutating func markPublishedCohort(_ plan: AnalysisPlan) {
    guard !hasDevelopment, let cohort = plan.publishedCohort, cohort.terms == termNames else {
      return
    }
    func key(_ terms: [Double], _ isEvent: Bool) -> [Double] { terms + [isEvent ? 1 : 0] }
    var counts: [[Double]: Int] = [:]
    for patient in patients { counts[key(patient.terms, patient.isEvent), default: 0] += 1 }
    var published: [[Double]: Int] = [:]
    for pattern in cohort.patterns {
      published[key(pattern.terms, true), default: 0] += pattern.events
      published[key(pattern.terms, false), default: 0] += pattern.n - pattern.events
    }
    guard !patients.isEmpty, counts == published.filter({ $0.value > 0 }) else { return }
    hasDevelopment = true
    patients = patients.map {
      AnalysedPatient(row: $0.row, terms: $0.terms, isEvent: $0.isEvent, isDevelopment: true)
    }
  }
}

extension Sequence<AnalysedPatient> {
  var outcomes: [Bool] { map(\.isEvent) }
  var terms: [[Double]] { map(\.terms) }
  var sites: [String] { Array(Set(map(\.row.site))).sorted() }
}
