// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// Updates the incumbent by the plan's ladder and asks every left-out site about it.
///
/// The whole procedure, choice included, is repeated without each site, so that no site is
/// predicted by anything that its own patients had a part in.
package struct ModelUpdate: Sendable {
  let table: PatternTable
  let incumbent: UpdateLadder.Model
  let rules: UpdatingRules
  /// All patients.
  let ladder: UpdateLadder
  /// Without each external site, in the table's order.
  let folds: [UpdateLadder]

  /// Fits the ladder with all sites and without each.
  ///
  /// - Parameters:
  ///   - table: The patients.
  ///   - coefficients: The incumbent's, intercept first.
  ///   - covariance: Their covariance.
  ///   - rules: How the plan updates.
  ///   - gate: Its counts say which steps are open; all are where there is no gate.
  package init(
    _ table: PatternTable,
    coefficients: [Double],
    covariance: [[Double]],
    rules: UpdatingRules,
    gate: GateRules?
  ) {
    let draft = Draft(
      table,
      incumbent: UpdateLadder.Model(coefficients: coefficients, covariance: covariance),
      rules: rules,
      gate: gate,
      selection: nil
    )
    self.init(draft, ladder: draft.ladder(nil), folds: draft.folds.map { draft.ladder($0) })
  }

  /// Joins ladders that were fitted elsewhere, in the order of the draft's folds.
  init(_ draft: Draft, ladder: UpdateLadder, folds: [UpdateLadder]) {
    table = draft.table
    incumbent = draft.incumbent
    rules = draft.rules
    self.ladder = ladder
    self.folds = folds
  }

  /// What is to be fitted: one ladder with all sites and one without each.
  struct Draft: Sendable {
    let table: PatternTable
    let incumbent: UpdateLadder.Model
    /// With the steps that the gate's counts leave open.
    let rules: UpdatingRules
    let selection: TermSelection?

    init(
      _ table: PatternTable,
      incumbent: UpdateLadder.Model,
      rules: UpdatingRules,
      gate: GateRules?,
      selection: TermSelection?
    ) {
      self.table = table
      self.incumbent = incumbent
      self.rules = UpdatingRules(
        steps: ModelUpdate.openSteps(table, rules, gate),
        level: rules.level
      )
      self.selection = selection
    }

    /// Sites that are left out one by one.
    var folds: Range<Int> { 0..<(table.sites.count < 2 ? 0 : table.sites.count) }

    /// The ladder without a site; with all where it is nil.
    func ladder(_ site: Int?) -> UpdateLadder {
      UpdateLadder(
        table,
        leavingOut: site,
        incumbent: incumbent,
        rules: rules,
        selection: selection
      )
    }
  }

  /// Ladders that a list of work fits.
  struct Pieces {
    let draft: Draft
    let ladder: Pending<UpdateLadder>
    let folds: [Pending<UpdateLadder>]

    init(_ draft: Draft, in jobs: inout JobList) {
      self.draft = draft
      ladder = jobs.add("updating the model", weight: 0.1) { draft.ladder(nil) }
      folds = jobs.add("updating without each site", count: draft.folds.count, weight: 8) {
        draft.ladder($0)
      }
    }

    /// The update, once the list was done.
    var update: ModelUpdate? {
      ladder.value.map { ModelUpdate(draft, ladder: $0, folds: folds.values()) }
    }
  }

  private static func openSteps(
    _ table: PatternTable,
    _ rules: UpdatingRules,
    _ gate: GateRules?
  ) -> [UpdateStep] {
    guard let gate else { return rules.steps }
    let events = table.sites.reduce(0) { $0 + $1.events }
    let others = table.sites.reduce(0) { $0 + $1.n } - events
    func suffices(_ counts: GateRules.Counts) -> Bool {
      events >= Double(counts.events) && others >= Double(counts.nonEvents)
    }
    return rules.steps.filter { step in
      switch step {
      case .keep: true
      case .intercept, .interceptSlope: suffices(gate.recalibration)
      case .reEstimate: suffices(gate.reEstimation)
      }
    }
  }

  /// The candidate: intercept first, and the step it came by.
  package var candidate: (step: UpdateStep, coefficients: [Double]) {
    (ladder.chosen, ladder.chosenModel?.coefficients ?? incumbent.coefficients)
  }
}

extension ModelUpdate {
  /// The p-value of the incumbent against the largest open step, on all external patients.
  package var incumbentTest: Double? { ladder.tests.first { $0.step == .keep }?.p }

  /// What left-out sites say of the ladder, without the resampled net benefit.
  package var ladderEvidence: UpdateEvidence { evidence(.ladder) }

  /// A fixed step, or whatever the closed test takes.
  enum Strategy: Sendable {
    case ladder
    case step(UpdateStep)
  }

  /// The model that a strategy makes without a site; nil where it cannot be fitted.
  private func model(_ strategy: Strategy, without site: Int) -> (UpdateStep, [Double])? {
    let fold = folds[site]
    let step: UpdateStep
    switch strategy {
    case .ladder: step = fold.chosen
    case .step(let fixed): step = fixed
    }
    return fold.models[step].map { (step, $0.coefficients) }
  }

  /// What left-out sites say of a strategy, without the resampled net benefit.
  func evidence(_ strategy: Strategy) -> UpdateEvidence {
    let events = Int(table.sites.reduce(0) { $0 + $1.events })
    let all = Int(table.sites.reduce(0) { $0 + $1.n })
    var collector = EvidenceCollector()
    for site in folds.indices {
      guard let (step, coefficients) = model(strategy, without: site) else { continue }
      let rows = table.rows(of: site)
      collector.add(
        table.sites[site].name,
        step: step,
        rows: rows,
        new: rows.linearPredictor(coefficients),
        old: rows.linearPredictor(incumbent.coefficients)
      )
    }
    var result = collector.evidence(
      step: ladder.chosen,
      events: events,
      nonEvents: all - events
    )
    result.separatedFits = ([ladder] + folds).count { $0.failures[.reEstimate] != nil }
    if folds.isEmpty {
      result.absence = "fewer than two external sites: nobody is left to be predicted"
    } else if result.logLossDifference == nil {
      result.absence = "the incumbent is kept: there is nothing to compare"
    }
    return result
  }

  /// What left-out sites say of the ladder: everything the gate asks.
  package func evidence(_ gate: GateRules) -> UpdateEvidence {
    var result = evidence(.ladder)
    let rule = gate.netBenefit
    var resampling = NetBenefitResampling(thresholds: rule.thresholds)
    for site in folds.indices {
      guard let (_, coefficients) = model(.ladder, without: site) else { continue }
      let rows = table.rows(of: site)
      resampling.add(
        rows,
        candidate: rows.linearPredictor(coefficients),
        incumbent: rows.linearPredictor(incumbent.coefficients)
      )
    }
    result.netBenefit = resampling.intervals(
      confidence: rule.confidence,
      samples: rule.samples,
      seed: rule.seed
    )
    return result
  }
}
