// SPDX-License-Identifier: Apache-2.0
public import RiskModel

extension ModelRefit {
  /// The status of every candidate made from practice data or without passing the gate.
  public static let ungatedStatus = "practice only, ungated"
  /// The most predictors whose combinations become test vectors.
  private static let vectorPredictorLimit = 6

  /// The chosen model as the next release.
  ///
  /// The cut-off is Youden's with the midpoint rule; Firth risks use the re-estimated intercept.
  /// The statement still says that the model is not externally validated: a refit has not been.
  ///
  /// - Parameters:
  ///   - report: A refit under the same plan.
  ///   - plan: The analysis plan, whose predictors the release gets.
  ///   - incumbent: The current release, which gives the line, wording and card.
  ///   - cut: Names the data cut in the card.
  /// - Returns: The next version, checked, with new test vectors.
  /// - Throws: `nothingFitted`, or `statisticFailed` when the parts do not make a release.
  public static func candidate(
    from report: RefitReport,
    plan: AnalysisPlan,
    incumbent: ModelRelease,
    cut: String
  ) throws(PooledAnalysisError) -> ModelRelease {
    guard let model = report.chosenModel else { throw .nothingFitted }
    guard let cutoff = model.performance.cutoff else { throw .statisticFailed("cutoff") }
    let draft = release(model, report, plan, incumbent, cut, cutoff, vectors: [])
    let vectors = vectors(draft)
    let release = release(model, report, plan, incumbent, cut, cutoff, vectors: vectors)
    do {
      return try ModelRelease.decode(release.encoded())
    } catch {
      throw .statisticFailed("candidate: \(error)")
    }
  }

  private static func status(of report: RefitReport) -> String {
    guard report.isGatePassed else { return ungatedStatus }
    return "updated on registry patients; gate of plan \(report.plan) passed at look "
      + "\(report.update?.context.look ?? 1)"
  }

  private static func release(
    _ model: ModelSummary,
    _ report: RefitReport,
    _ plan: AnalysisPlan,
    _ incumbent: ModelRelease,
    _ cut: String,
    _ cutoff: Double,
    vectors: [TestVector]
  ) -> ModelRelease {
    let performance = model.performance
    let sites = report.sites.count
    var card = incumbent.card
    card.source = "Refit of \(incumbent.modelID) version \(incumbent.version) on data cut \(cut)."
    card.development =
      "\(performance.n) patients, \(performance.events) with the outcome, from \(sites) "
      + "\(sites == 1 ? "site" : "sites")."
    card.provenance =
      "Plan \(plan.name), \(report.chosen.replacing("_", with: " ")) (\(report.reason)). Cut-off: "
      + "Youden's, midpoint rule, in the same patients. Earlier release: \(incumbent.card.source)"
    card.limitations.insert(
      "The figures of this model are apparent; the gate written in the plan, of sites left out, "
        + (report.isGatePassed ? "is passed." : "is not passed."),
      at: 0
    )
    return ModelRelease(
      modelID: incumbent.modelID,
      version: incumbent.version + 1,
      name: refitName(of: incumbent),
      status: status(of: report),
      outcome: incumbent.outcome,
      predictors: plan.predictors,
      intercept: model.riskIntercept,
      coefficients: model.coefficients.map(\.estimate),
      covariance: model.covariance,
      cutoff: cutoff,
      isExternallyValidated: false,
      statement: incumbent.isExternallyValidated
        ? "Research use; not externally validated." : incumbent.statement,
      warnings: incumbent.warnings + ["Updated release: \(status(of: report))."],
      card: card,
      vectors: vectors
    )
  }

  /// The incumbent's name with the refit in place of the authors in parentheses at its end, who
  /// did not make it.
  private static func refitName(of incumbent: ModelRelease) -> String {
    var name = incumbent.name[...]
    if name.hasSuffix(")"), let opening = name.lastIndex(of: "(") { name = name[..<opening] }
    while name.last == " " { name.removeLast() }
    return "\(name) (refit, version \(incumbent.version + 1))"
  }

  /// Both sides of every threshold, both ends of every range, in all combinations.
  private static func vectors(_ draft: ModelRelease) -> [TestVector] {
    var inputs: [[String: Double]] = [[:]]
    for (index, predictor) in draft.predictors.enumerated() {
      let values: [Double]
      if case .threshold(let bound) = predictor.transform {
        values = [bound - max(abs(bound), 1) / 4, bound]
      } else {
        values = [predictor.low, predictor.high]
      }
      let kept = index < vectorPredictorLimit ? values : [values[0]]
      inputs = inputs.flatMap { own in kept.map { own.merging([predictor.column: $0]) { $1 } } }
    }
    return inputs.compactMap { own in
      var terms: [Double] = []
      for predictor in draft.predictors {
        guard let value = own[predictor.column], let found = predictor.transform.terms(value) else {
          return nil
        }
        terms += found
      }
      let linear = zip(draft.coefficients, terms).reduce(draft.intercept) { $0 + $1.0 * $1.1 }
      return TestVector(inputs: own, probability: Scorer.inverseLogit(linear))
    }
  }
}
