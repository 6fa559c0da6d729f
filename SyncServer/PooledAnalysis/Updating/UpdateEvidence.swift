// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// How a candidate does in one site that had no part in it.
public struct SiteComparison: Codable, Hashable, Sendable {
  /// The site's code.
  public var site: String
  /// Patients.
  public var n: Int
  /// Patients with the outcome.
  public var events: Int
  /// The step that the other sites' patients led to.
  public var step: UpdateStep
  /// Mean log loss of the candidate.
  public var logLoss: Double
  /// Mean log loss of the incumbent.
  public var incumbentLogLoss: Double
  /// Candidate minus incumbent.
  public var difference: Double
  /// The standard error of the difference.
  public var se: Double
  /// The difference's lower 95 % limit.
  public var low: Double
  /// The difference's upper 95 % limit.
  public var high: Double

  /// Patients without the outcome.
  public var nonEvents: Int { n - events }

  private enum CodingKeys: String, CodingKey {
    case site, n, events, step, difference, se, low, high
    case logLoss = "log_loss"
    case incumbentLogLoss = "incumbent_log_loss"
  }
}

/// A mean difference over sites.
///
/// REML with Hartung–Knapp's standard error, which is never taken below the fixed-effect one.
public struct PooledDifference: Codable, Hashable, Sendable {
  /// The mean over sites.
  public var estimate: Double
  /// Its standard error.
  public var se: Double
  /// The standard deviation between sites.
  public var tau: Double
  /// Sites that entered.
  public var sites: Int

  /// The one-sided upper limit on t with sites − 1 degrees of freedom.
  public func upperLimit(confidence: Double) -> Double? {
    guard sites >= 2,
      let factor = try? StudentT(degreesOfFreedom: Double(sites - 1)).quantile(confidence)
    else { return nil }
    return estimate + factor * se
  }
}

/// A net-benefit difference at one threshold, candidate minus incumbent, with its interval.
public struct NetBenefitDifference: Codable, Hashable, Sendable {
  /// The threshold probability.
  public var threshold: Double
  /// The difference.
  public var difference: Double
  /// The lower limit.
  public var low: Double
  /// The upper limit.
  public var high: Double
}

/// What left-out sites say of a candidate.
public struct UpdateEvidence: Codable, Hashable, Sendable {
  /// The step that all patients lead to.
  public var step: UpdateStep
  /// External patients with the outcome.
  public var events: Int
  /// External patients without it.
  public var nonEvents: Int
  /// Every external site, by name.
  public var sites: [SiteComparison]
  /// The pooled difference in mean log loss.
  public var logLossDifference: PooledDifference?
  /// The pooled calibration slope.
  public var slope: PooledEstimate?
  /// The pooled O:E.
  public var oe: PooledEstimate?
  /// By threshold.
  public var netBenefit: [NetBenefitDifference]
  /// The difference of the shares of concordant pairs within sites.
  public var aucDifference: Double?
  /// Fits of the candidate's procedure that failed or were separated.
  public var separatedFits: Int
  /// Why there is no evidence; nil when there is.
  public var absence: String?

  private enum CodingKeys: String, CodingKey {
    case step, events, sites, slope, absence
    case nonEvents = "non_events"
    case logLossDifference = "log_loss_difference"
    case oe = "o_e"
    case netBenefit = "net_benefit"
    case aucDifference = "auc_difference"
    case separatedFits = "separated_fits"
  }
}

extension PooledDifference {
  /// Pools the differences of sites; nil with fewer than two sites or where nothing changed.
  ///
  /// A site that was predicted by the incumbent itself has a difference of 0 with no spread: it
  /// gets the spread a patient has in the other sites.
  static func pool(_ sites: [SiteComparison]) -> PooledDifference? {
    guard sites.count >= 2 else { return nil }
    let spread = sites.filter { $0.se > 0 }
    let patients = spread.reduce(0) { $0 + Double($1.n) }
    guard patients > 0 else { return nil }
    let variance = spread.reduce(0) { $0 + Double($1.n) * Double($1.n) * $1.se * $1.se } / patients
    let effects = sites.map { site in
      Estimate(
        value: site.difference,
        standardError: site.se > 0 ? site.se : (variance / Double(max(1, site.n))).squareRoot()
      )
    }
    guard
      let pooled = try? RandomEffects.pool(
        effects,
        estimator: .restrictedMaximumLikelihood,
        inference: .hartungKnapp
      )
    else { return nil }
    let fixed = 1 / effects.reduce(0) { $0 + 1 / $1.variance }.squareRoot()
    return PooledDifference(
      estimate: pooled.mean.value,
      se: max(pooled.mean.standardError, fixed),
      tau: pooled.betweenDeviation,
      sites: sites.count
    )
  }
}
