// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import RiskModel

extension ModelRefit {
  /// The parts of a refit that do not depend on each other, as a list of work.
  struct Pieces {
    let jobs: JobList
    let screening: Pending<Screening?>
    let comparators: Pending<(models: [String: ModelSummary], risks: [String: [Double]])>
    let randomIntercept: Pending<RandomInterceptSensitivity?>
    let challengers: Challengers
    let update: ModelUpdate.Pieces?
    private let cross: (problem: CrossValidation.Problem, folds: [Pending<CrossValidation.Fold>])?
    private let resampling:
      (problem: BootstrapOptimism.Problem, batches: [Pending<BootstrapOptimism.Batch>])?
    private let plan: AnalysisPlan

    init(
      _ set: AnalysisSet,
      _ plan: AnalysisPlan,
      _ incumbent: ModelRelease?,
      _ cohort: PublishedCohort?,
      _ method: FittedModel.Method
    ) {
      self.plan = plan
      var jobs = JobList()
      // Whole pieces that cannot be shared out come first.
      screening = jobs.add("screening candidates", weight: plan.screening == nil ? 0 : 12) {
        Screening.measure(set, plan: plan)
      }
      randomIntercept = jobs.add("fitting an intercept for every site", weight: 3) {
        RandomInterceptSensitivity.measure(set)
      }
      comparators = jobs.add("fitting smaller models") { ModelRefit.comparators(set, plan) }
      let draft = incumbent.flatMap {
        ModelUpdate.draft(set, plan: plan, incumbent: $0, cohort: cohort)
      }
      update = draft.map { ModelUpdate.Pieces($0, in: &jobs) }
      challengers = Challengers(update == nil ? nil : incumbent, set, plan, in: &jobs)
      let sites = CrossValidation.Problem(set, method: method, plan: plan, incumbent: incumbent)
      cross = sites.map { problem in
        (
          problem,
          jobs.add("predicting each site by the others", count: problem.siteCount, weight: 8) {
            problem.predict($0)
          }
        )
      }
      resampling = Self.resampled(set, plan, method).map {
        ($0, BootstrapOptimism.add($0, plan.bootstrap, to: &jobs))
      }
      self.jobs = jobs
    }

    private static func resampled(
      _ set: AnalysisSet,
      _ plan: AnalysisPlan,
      _ method: FittedModel.Method
    ) -> BootstrapOptimism.Problem? {
      guard plan.bootstrap.samples > 0 else { return nil }
      return BootstrapOptimism.Problem(
        method,
        names: set.termNames,
        selection: TermSelection(plan),
        terms: set.patients.terms,
        outcomes: set.patients.outcomes
      )
    }

    /// Each external site by the others, once the list was done.
    var crossValidation: CrossValidation? {
      cross.flatMap { CrossValidation.join($0.problem, $0.folds.values()) }
    }

    /// Adds optimism and instability, and what the plan's selection did.
    func addResampling(_ selected: TermSelection.Result?, _ report: inout RefitReport) {
      let found = resampling.flatMap {
        BootstrapOptimism.join($0.problem, $0.batches.values(), seed: plan.bootstrap.seed)
      }
      report.optimism = found?.optimism
      report.instability = found?.instability
      guard let asked = plan.selection, let selected else { return }
      var bySite: [String: [String]] = [:]
      for fold in cross?.folds.values() ?? [] { bySite[fold.site] = fold.kept }
      report.selection = SelectionReport(
        penaltyPerParameter: asked.penaltyPerParameter,
        steps: selected.steps.map { .init(dropped: $0.dropped, criterion: $0.criterion) },
        kept: selected.names,
        bySite: bySite,
        inclusion: found?.inclusion ?? [:]
      )
    }
  }

  /// The plan's challengers, site by site.
  struct Challengers {
    private var runs: [(run: ChallengerRun, sites: [Pending<ChallengerRun.Prediction?>])] = []

    init(
      _ incumbent: ModelRelease?,
      _ set: AnalysisSet,
      _ plan: AnalysisPlan,
      in jobs: inout JobList
    ) {
      guard let incumbent, !plan.challengers.isEmpty else { return }
      let patients = ChallengerRun.Measured(set, plan: plan, incumbent: incumbent)
      for challenger in plan.challengers {
        guard let run = ChallengerRun(challenger, patients) else { continue }
        runs.append(
          (
            run,
            jobs.add("comparing challengers", count: run.siteCount, weight: run.weight) {
              run.predict($0)
            }
          )
        )
      }
    }

    /// The comparisons, once the list was done.
    var values: [UpdateComparison] {
      runs.map { $0.run.compare($0.sites.values().compactMap(\.self)) }
    }
  }
}
