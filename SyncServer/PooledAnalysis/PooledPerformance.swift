// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// Random-effects estimates over external sites: REML, Hartung–Knapp, 95 % prediction intervals.
///
/// AUC is pooled as its logit and O:E as its logarithm; both are shown on their own scale.
///
/// Source: Debray et al., BMJ 2017;356:i6460, doi:10.1136/bmj.i6460; the prediction interval with
/// k − 2 degrees of freedom of Higgins et al. 2009, doi:10.1111/j.1467-985X.2008.00552.x.
public struct PooledPerformance: Codable, Hashable, Sendable {
  /// External sites with patients.
  public var sites: Int
  /// The pooled AUC; absent when fewer than two sites give one.
  public var auc: PooledEstimate?
  /// The pooled calibration slope.
  public var slope: PooledEstimate?
  /// The pooled O:E ratio.
  public var oe: PooledEstimate?
  /// The pooled calibration-in-the-large.
  public var citl: PooledEstimate?
  /// What a reader must know, above all with few sites.
  public var cautions: [String]

  private enum CodingKeys: String, CodingKey {
    case sites, auc, slope, citl, cautions
    case oe = "o_e"
  }
}

/// One pooled quantity.
public struct PooledEstimate: Codable, Hashable, Sendable {
  /// The mean over sites, on the quantity's own scale.
  public var estimate: Double
  /// The lower 95 % limit of the mean.
  public var low: Double
  /// The upper 95 % limit of the mean.
  public var high: Double
  /// The lower 95 % limit for a new site; absent with fewer than three sites.
  public var predictionLow: Double?
  /// The upper 95 % limit for a new site; absent with fewer than three sites.
  public var predictionHigh: Double?
  /// The standard error of the mean, on the pooled scale.
  public var se: Double
  /// The standard deviation between sites, on the pooled scale.
  public var tau: Double
  /// The share of variation that is between sites, 0 to 1.
  public var i2: Double
  /// Sites that entered.
  public var sites: Int
  /// `logit`, `identity` or `log`.
  public var scale: String
  /// The mean on the pooled scale.
  public var mu: Double
  /// Its lower 95 % limit on the pooled scale.
  public var muLow: Double
  /// Its upper 95 % limit on the pooled scale.
  public var muHigh: Double
  /// The variance between sites, on the pooled scale.
  public var tau2: Double

  private enum CodingKeys: String, CodingKey {
    case estimate, low, high, se, tau, tau2, i2, sites, scale, mu
    case muLow = "mu_low"
    case muHigh = "mu_high"
    case predictionLow = "prediction_low"
    case predictionHigh = "prediction_high"
  }
}

extension PooledEstimate {
  /// Pools site estimates; nil with fewer than two, or when they cannot be pooled.
  static func pool(
    _ effects: [Estimate],
    scale: String,
    back: (Double) -> Double
  ) -> PooledEstimate? {
    guard effects.count >= 2,
      let pooled = try? RandomEffects.pool(
        effects,
        estimator: .restrictedMaximumLikelihood,
        inference: .hartungKnapp
      ),
      let limits = try? pooled.interval()
    else { return nil }
    let prediction = try? pooled.predictionInterval(.higgins)
    return PooledEstimate(
      estimate: back(pooled.mean.value),
      low: back(limits.low),
      high: back(limits.high),
      predictionLow: prediction.map { back($0.low) },
      predictionHigh: prediction.map { back($0.high) },
      se: pooled.mean.standardError,
      tau: pooled.betweenDeviation,
      i2: pooled.inconsistency,
      sites: pooled.count,
      scale: scale,
      mu: pooled.mean.value,
      muLow: limits.low,
      muHigh: limits.high,
      tau2: pooled.betweenVariance
    )
  }
}

extension PooledPerformance {
  /// Fewer sites than this leave the spread between them poorly known.
  private static let fewSites = 5

  /// What one site gives to the pooled estimates; a quantity that it does not have is nil.
  struct SiteEstimates: Sendable {
    let site: String
    let n: Int
    let events: Int
    let area: Estimate?
    let slope: Estimate?
    let ratio: Estimate?
    let shift: Estimate?

    init(_ site: String, risks: [Double], outcomes: [Bool]) {
      self.site = site
      n = outcomes.count
      events = outcomes.count { $0 }
      area = try? AUC.measure(scores: risks, outcomes: outcomes).logit()
      slope = try? Calibration.slope(risks: risks, outcomes: outcomes).slope
      ratio = try? ObservedToExpected.measure(risks: risks, outcomes: outcomes).logarithm()
      shift = try? Calibration.inTheLarge(risks: risks, outcomes: outcomes)
    }
  }

  /// Pools what each site gives; a site enters every quantity that it has.
  static func pool(
    _ sites: [(name: String, risks: [Double], outcomes: [Bool])]
  ) -> PooledPerformance {
    pool(sites.map { SiteEstimates($0.name, risks: $0.risks, outcomes: $0.outcomes) })
  }

  /// Pools estimates of sites.
  static func pool(_ sites: [SiteEstimates]) -> PooledPerformance {
    let incomplete = sites.filter { $0.area == nil || $0.slope == nil || $0.ratio == nil }
    var cautions: [String] = []
    if sites.count < fewSites {
      cautions.append(
        "\(sites.count) external sites: the spread between sites and the prediction intervals "
          + "are poorly known."
      )
    }
    if sites.count == 2 || sites.count == 3 {
      cautions.append(
        "With \(sites.count) sites Hartung–Knapp limits may be very wide, or too narrow by chance."
      )
    }
    if !incomplete.isEmpty {
      let names = incomplete.map(\.site).joined(separator: ", ")
      cautions.append("Not every quantity could be computed in: \(names).")
    }
    return PooledPerformance(
      sites: sites.count,
      auc: .pool(sites.compactMap(\.area), scale: "logit") { Logit.inverse($0) },
      slope: .pool(sites.compactMap(\.slope), scale: "identity") { $0 },
      oe: .pool(sites.compactMap(\.ratio), scale: "log") { exp($0) },
      citl: .pool(sites.compactMap(\.shift), scale: "identity") { $0 },
      cautions: cautions
    )
  }
}
