// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry
import RiskModel

/// The plan's predictors in another form, re-estimated without each site and compared with the
/// incumbent in it.
///
/// Cut-offs that were searched in few patients are the weakest part of a model of thresholds; a
/// continuous form says what they cost. Knots are quantiles of the training patients, and the
/// LASSO's penalty is chosen among them, so that the left-out site has no part in either. A
/// challenger is reported, never released.
struct ChallengerRun: Sendable {
  /// More values than this, over all left-out sites, are too many for LASSO's paths in minutes.
  private static let lassoLimit = 20_000_000
  /// Folds of the cross-validation that chooses the penalty.
  private static let lassoFolds = 5

  let challenger: AnalysisPlan.Challenger
  private let patients: Measured

  /// The patients with measured values of all predictors, site after site, development last.
  struct Measured: Sendable {
    let names: [String]
    /// Values by predictor (shape: predictors × patients).
    var columns: [[Double]]
    var outcomes: [Bool] = []
    /// The incumbent's linear predictor.
    var incumbent: [Double] = []
    /// Where the patients of each external site are.
    var sites: [(name: String, range: Range<Int>)] = []
    /// Each column in ascending order, as positions.
    var orders: [[Int32]] = []

    init(_ set: AnalysisSet, plan: AnalysisPlan, incumbent: ModelRelease) {
      names = plan.predictors.map(\.column)
      columns = Array(repeating: [], count: names.count)
      let external = Dictionary(grouping: set.external, by: \.row.site)
      for site in external.keys.sorted() {
        let start = outcomes.count
        for patient in external[site] ?? [] { add(patient, plan) }
        if outcomes.count > start { sites.append((site, start..<outcomes.count)) }
      }
      let old = ReleaseMeasure(release: incumbent)
      self.incumbent = old.linearPredictor(added)
      for patient in set.development { add(patient, plan) }
      added = []
      orders = columns.map { ScoreOrder.ascending($0) }
    }

    private var added: [AnalysedPatient] = []

    private mutating func add(_ patient: AnalysedPatient, _ plan: AnalysisPlan) {
      let values = plan.predictors.compactMap { patient.row.number($0.column) }
      guard values.count == columns.count else { return }
      for (index, value) in values.enumerated() { columns[index].append(value) }
      outcomes.append(patient.isEvent)
      added.append(patient)
    }

    /// A column without some patients, ascending.
    func sorted(_ column: Int, without range: Range<Int>) -> [Double] {
      orders[column].compactMap { range.contains(Int($0)) ? nil : columns[column][Int($0)] }
    }
  }

  /// - Returns: nil with fewer than two external sites.
  init?(_ challenger: AnalysisPlan.Challenger, _ patients: Measured) {
    guard patients.sites.count >= 2 else { return nil }
    self.challenger = challenger
    self.patients = patients
  }

  /// External sites.
  var siteCount: Int { patients.sites.count }

  /// About how long one site takes beside a model of the terms as they are.
  var weight: Double { challenger.form == .linear ? 4 : 8 }

  /// What predicts one site: its patients, and the linear predictor of the others' model.
  struct Prediction: Sendable {
    let place: Int
    let rows: PatternTable.Rows
    let predictor: [Double]
  }

  /// Predicts a site by the others; nil where they give no model.
  func predict(_ place: Int) -> Prediction? {
    let own = patients.sites[place].range
    let all = patients.outcomes.count
    if challenger.form == .lasso,
      all * patients.columns.count * patients.sites.count > Self.lassoLimit
    {
      return nil
    }
    guard let form = try? Form(challenger, patients, without: own) else { return nil }
    let training = Array(0..<own.lowerBound) + Array(own.upperBound..<all)
    let outcomes = training.map { patients.outcomes[$0] }
    let columns = patients.columns.map { column in training.map { column[$0] } }
    guard
      let design = try? DesignMatrix(columnNames: form.names, columns: form.columns(columns)),
      let coefficients = try? coefficients(design, outcomes, seed: UInt64(place))
    else { return nil }
    let terms = form.columns(patients.columns.map { Array($0[own]) })
    var rows = PatternTable.Rows(termNames: form.names)
    rows.terms = own.indices.map { row in terms.map { $0[row - own.lowerBound] } }
    rows.outcomes = Array(patients.outcomes[own])
    rows.counts = own.map { _ in 1 }
    return Prediction(place: place, rows: rows, predictor: rows.linearPredictor(coefficients))
  }

  private func coefficients(
    _ design: DesignMatrix,
    _ outcomes: [Bool],
    seed: UInt64
  ) throws(BiostatisticsError) -> [Double] {
    guard challenger.form == .lasso else {
      let fitted = try FittedModel(
        .firth,
        design: design,
        outcomes: outcomes,
        hasProfileLimits: false
      )
      return [fitted.riskIntercept] + fitted.coefficients.dropFirst().map(\.estimate)
    }
    return try PenalisedCrossValidation.measure(
      design,
      outcomes: outcomes,
      folds: Folds.shuffled(outcomes.count, folds: Self.lassoFolds, seed: seed),
      loss: .deviance,
      options: PenalisedPathOptions(mixing: 1, smallestRatio: 0.01)
    ).minimumCoefficients
  }

  /// What the predicted sites say, beside the incumbent.
  func compare(_ predictions: [Prediction]) -> UpdateComparison {
    var collector = EvidenceCollector()
    for own in predictions {
      collector.add(
        patients.sites[own.place].name,
        step: .reEstimate,
        rows: own.rows,
        new: own.predictor,
        old: Array(patients.incumbent[patients.sites[own.place].range])
      )
    }
    let events = patients.sites.reduce(0) { sum, site in
      sum + patients.outcomes[site.range].count { $0 }
    }
    let evidence = collector.evidence(step: .reEstimate, events: events, nonEvents: 0)
    return UpdateComparison(challenger.name, evidence, siteCount: siteCount)
  }
}

extension ChallengerRun {
  /// The terms of a challenger, with knots where it has some.
  private struct Form {
    let names: [String]
    private let splines: [RestrictedCubicSpline?]

    init(
      _ challenger: AnalysisPlan.Challenger,
      _ patients: Measured,
      without range: Range<Int>
    ) throws(BiostatisticsError) {
      var splines: [RestrictedCubicSpline?] = []
      var names: [String] = []
      for (index, name) in patients.names.enumerated() {
        names.append(name)
        guard challenger.form == .restrictedCubicSpline else {
          splines.append(nil)
          continue
        }
        let spline = try RestrictedCubicSpline(
          values: patients.sorted(index, without: range),
          knotCount: challenger.knots
        )
        splines.append(spline)
        names += (2..<spline.knots.count).map { "rcs(\(name),\($0))" }
      }
      self.names = names
      self.splines = splines
    }

    /// Terms of columns of values (shape: terms × patients).
    func columns(_ values: [[Double]]) -> [[Double]] {
      zip(values, splines).flatMap { column, spline in spline?.columns(column) ?? [column] }
    }
  }
}

/// Folds drawn from a seed.
enum Folds {
  /// The fold of each row, as even as can be.
  static func shuffled(_ rows: Int, folds: Int, seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed)
    var result = (0..<rows).map { $0 % max(2, folds) }
    for index in result.indices.reversed() where index > 0 {
      result.swapAt(index, random.next(below: index + 1))
    }
    return result
  }
}
