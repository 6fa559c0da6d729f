// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry
import RiskModel

/// The plan's predictors in another form, re-estimated without each site and compared with the
/// incumbent in it.
///
/// Cut-offs that were searched in few patients are the weakest part of a model of thresholds; a
/// continuous form says what they cost. Knots are quantiles of the training patients, so that the
/// left-out site has no part in them. A challenger is reported, never released.
enum ChallengerRun {
  /// A patient with measured values of all predictors.
  private struct Measured {
    let patient: AnalysedPatient
    let values: [Double]
  }

  static func compare(
    _ challenger: AnalysisPlan.Challenger,
    _ set: AnalysisSet,
    plan: AnalysisPlan,
    incumbent: ModelRelease
  ) -> UpdateComparison? {
    let measured = set.patients.compactMap { patient -> Measured? in
      let values = plan.predictors.compactMap { patient.row.number($0.column) }
      return values.count == plan.predictors.count
        ? Measured(patient: patient, values: values) : nil
    }
    let sites = measured.filter { !$0.patient.isDevelopment }.map(\.patient).sites
    guard sites.count >= 2 else { return nil }
    var collector = EvidenceCollector()
    for site in sites {
      let isOwn = { (own: Measured) in
        !own.patient.isDevelopment && own.patient.row.site == site
      }
      let (own, training) = (measured.filter(isOwn), measured.filter { !isOwn($0) })
      guard let form = try? Form(challenger, training.map(\.values), plan),
        let fitted = try? FittedModel(
          .firth,
          names: form.names,
          terms: training.map { form.terms($0.values) },
          outcomes: training.map(\.patient.isEvent),
          hasProfileLimits: false
        )
      else { continue }
      var rows = PatternTable.Rows(termNames: form.names)
      rows.terms = own.map { form.terms($0.values) }
      rows.outcomes = own.map(\.patient.isEvent)
      rows.counts = own.map { _ in 1 }
      let coefficients = [fitted.riskIntercept] + fitted.coefficients.dropFirst().map(\.estimate)
      let old = ReleaseMeasure(release: incumbent).linearPredictor(own.map(\.patient))
      collector.add(
        site,
        step: .reEstimate,
        rows: rows,
        new: rows.linearPredictor(coefficients),
        old: old
      )
    }
    let events = measured.count { !$0.patient.isDevelopment && $0.patient.isEvent }
    let evidence = collector.evidence(step: .reEstimate, events: events, nonEvents: 0)
    return UpdateComparison(challenger.name, evidence, siteCount: sites.count)
  }

  /// The terms of a challenger, with knots where it has some.
  private struct Form {
    let names: [String]
    private let splines: [RestrictedCubicSpline?]

    init(
      _ challenger: AnalysisPlan.Challenger,
      _ training: [[Double]],
      _ plan: AnalysisPlan
    ) throws(BiostatisticsError) {
      var splines: [RestrictedCubicSpline?] = []
      var names: [String] = []
      for (index, predictor) in plan.predictors.enumerated() {
        names.append(predictor.column)
        guard challenger.form == .restrictedCubicSpline else {
          splines.append(nil)
          continue
        }
        let spline = try RestrictedCubicSpline(
          values: training.map { $0[index] },
          knotCount: challenger.knots
        )
        splines.append(spline)
        names += (2..<spline.knots.count).map { "rcs(\(predictor.column),\($0))" }
      }
      self.names = names
      self.splines = splines
    }

    func terms(_ values: [Double]) -> [Double] {
      zip(values, splines).flatMap { value, spline in
        spline.map { $0.columns([value]).flatMap(\.self) } ?? [value]
      }
    }
  }
}
