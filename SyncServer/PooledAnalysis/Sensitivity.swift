// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry

/// The primary analysis under another choice.
public struct Sensitivity: Codable, Hashable, Sendable {
  /// `complete_case`, `multiple_imputation`, `conflicts_out`, `ever_in_conflict_out`,
  /// `random_intercept`, or `without_site`.
  public var name: String
  /// The site that was left out.
  public var site: String?
  /// External patients.
  public var n: Int
  /// External patients with the outcome.
  public var events: Int
  /// The AUC of all patients as rows.
  public var auc: LimitedEstimate?
  /// The calibration slope of all patients as rows.
  public var slope: LimitedEstimate?
  /// Calibration-in-the-large of all patients as rows.
  public var inTheLarge: LimitedEstimate?
  /// The estimates pooled over sites, where the choice leaves sites to pool.
  public var pooled: PooledPerformance?
  /// What was done, or why it could not be.
  public var note: String?

  private enum CodingKeys: String, CodingKey {
    case name, site, n, events, auc, slope, pooled, note
    case inTheLarge = "in_the_large"
  }
}

/// The same risks against the plan's second outcome.
public struct SecondEndpoint: Codable, Hashable, Sendable {
  /// The outcome in words.
  public var label: String
  /// Discrimination and classification; the probability is of the first outcome, so nothing is
  /// said of calibration.
  public var performance: Performance
}

extension Sensitivity {
  /// With more sites than this, leaving one out shows the estimates pooled over sites alone.
  private static let siteLimit = 40
  /// Rows beyond this many get no random intercept.
  private static let rowLimit = 200_000

  /// The sensitivity analyses of a validation, as pieces of a list of work.
  struct Pieces {
    private var pieces: [Pending<Sensitivity?>] = []

    init(
      _ rows: PooledRows,
      _ set: AnalysisSet,
      _ measure: ReleaseMeasure,
      _ plan: AnalysisPlan,
      in jobs: inout JobList
    ) {
      let external = set.filtered { !$0.isDevelopment }
      guard !external.patients.isEmpty else { return }
      let stage = "repeating the validation under other choices"
      pieces.append(jobs.add(stage) { analysis("complete_case", external, measure) })
      if external.patients.contains(where: \.row.hasConflict) {
        pieces.append(
          jobs.add(stage) {
            analysis("conflicts_out", external.filtered { !$0.row.hasConflict }, measure)
          }
        )
      }
      if external.patients.contains(where: \.row.wasInConflict) {
        pieces.append(
          jobs.add(stage) {
            analysis("ever_in_conflict_out", external.filtered { !$0.row.wasInConflict }, measure)
          }
        )
      }
      pieces.append(
        jobs.add("imputing missing values", weight: 5) {
          ImputedValidation.run(rows, measure, plan)
        }
      )
      let sites = external.patients.sites
      if sites.count >= 2, external.patients.count <= rowLimit {
        pieces.append(
          jobs.add(stage, weight: 3) { randomIntercept(external.patients, sites, measure) }
        )
      }
      addWithoutSites(external, sites, measure, stage, &jobs)
    }

    private mutating func addWithoutSites(
      _ external: AnalysisSet,
      _ sites: [String],
      _ measure: ReleaseMeasure,
      _ stage: String,
      _ jobs: inout JobList
    ) {
      guard sites.count >= 3 else { return }
      if sites.count <= siteLimit {
        pieces += jobs.add(stage, count: sites.count, weight: 3) { place in
          let kept = external.filtered { $0.row.site != sites[place] }
          var own = analysis("without_site", kept, measure)
          own.site = sites[place]
          return own
        }
        return
      }
      let bySite = siteEstimates(external, measure)
      pieces += jobs.add(stage, count: sites.count) { place in
        let kept = bySite.filter { $0.site != sites[place] }
        return Sensitivity(
          name: "without_site",
          site: sites[place],
          n: kept.reduce(0) { $0 + $1.n },
          events: kept.reduce(0) { $0 + $1.events },
          pooled: .pool(kept)
        )
      }
    }

    /// The analyses that could be done, once the list was.
    var values: [Sensitivity] { pieces.values().compactMap(\.self) }
  }

  private static func siteEstimates(
    _ set: AnalysisSet,
    _ measure: ReleaseMeasure
  ) -> [PooledPerformance.SiteEstimates] {
    Dictionary(grouping: set.patients, by: \.row.site).sorted { $0.key < $1.key }
      .map { site, own in .init(site, risks: measure.risks(own), outcomes: own.outcomes) }
  }

  private static func analysis(
    _ name: String,
    _ set: AnalysisSet,
    _ measure: ReleaseMeasure
  ) -> Sensitivity {
    let risks = measure.risks(set.patients)
    let own = Performance.measure(
      risks: risks,
      outcomes: set.patients.outcomes,
      cutoff: .none,
      parameters: 0
    )
    return Sensitivity(
      name: name,
      n: own.n,
      events: own.events,
      auc: own.auc,
      slope: limited(own.calibration?.slope, own.calibration?.slopeSE),
      inTheLarge: limited(own.calibration?.intercept, own.calibration?.interceptSE),
      pooled: .pool(siteEstimates(set, measure))
    )
  }

  static func limited(_ value: Double?, _ se: Double?) -> LimitedEstimate? {
    guard let value, let se else { return nil }
    let limits = try? Estimate(value: value, standardError: se).interval()
    return LimitedEstimate(estimate: value, se: se, low: limits?.low, high: limits?.high)
  }

  /// The calibration slope with an intercept of its own for every site.
  private static func randomIntercept(
    _ patients: [AnalysedPatient],
    _ sites: [String],
    _ measure: ReleaseMeasure
  ) -> Sensitivity {
    let places = Dictionary(uniqueKeysWithValues: sites.enumerated().map { ($1, $0) })
    var result = Sensitivity(
      name: "random_intercept",
      n: patients.count,
      events: patients.count(where: \.isEvent)
    )
    do {
      let fit = try RandomInterceptLogistic.fit(
        try DesignMatrix(
          columnNames: ["linear predictor"],
          columns: [measure.linearPredictor(patients)]
        ),
        outcomes: patients.outcomes,
        sites: patients.map { places[$0.row.site] ?? 0 },
        points: 9
      )
      result.slope = limited(fit.estimates[1], fit.standardErrors[1])
      result.note = "SD of site intercepts \(NoteText.three(fit.deviation))"
    } catch {
      result.note = "not computed: \(RefusalText.text(error))"
    }
    return result
  }
}

/// Numbers inside notes.
enum NoteText {
  static func three(_ value: Double) -> String { String(format: "%.3f", value) }
}
