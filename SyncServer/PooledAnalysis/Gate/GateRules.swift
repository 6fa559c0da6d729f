// SPDX-License-Identifier: Apache-2.0

/// What a candidate must show before it can be signed; the limits of the plan's `gate`.
///
/// The conditions are (a) enough external evidence, (b) improvement in log loss, (c) calibration,
/// (d) no harm in net benefit, (e) no site clearly worse, (f) no separation and no loss of
/// discrimination, (g) two signatures; and one look in a stated time or number of events.
public struct GateRules: Codable, Hashable, Sendable {
  /// (a) External sites, each with so many events and non-events.
  public let sites: Sites
  /// (a) External patients without whom nothing is recalibrated.
  public let recalibration: Counts
  /// (a) External patients without whom no coefficient is changed.
  public let reEstimation: Counts
  /// (b) The pooled difference in mean log loss, candidate minus incumbent.
  public let improvement: Improvement
  /// (c) Pooled calibration of left-out sites.
  public let calibration: CalibrationLimits
  /// (d) The veto of shown harm.
  public let netBenefit: NetBenefitVeto
  /// (e) The worst site.
  public let worstSite: WorstSite
  /// (f) The AUC difference, candidate minus incumbent, must be above this.
  public let aucDifferenceAbove: Double
  /// (g) Signatures that a release needs.
  public let signatures: Int
  /// How often the gate may be asked.
  public let look: Look

  private enum CodingKeys: String, CodingKey {
    case sites, recalibration, improvement, calibration, signatures, look
    case reEstimation = "re_estimation"
    case netBenefit = "net_benefit"
    case worstSite = "worst_site"
    case aucDifferenceAbove = "auc_difference_above"
  }

  /// How many sites count as evidence.
  public struct Sites: Codable, Hashable, Sendable {
    /// The fewest sites.
    public let minimum: Int
    /// The fewest events in each of them.
    public let events: Int
    /// The fewest non-events in each of them.
    public let nonEvents: Int

    private enum CodingKeys: String, CodingKey {
      case minimum, events
      case nonEvents = "non_events"
    }
  }

  /// Fewest events and non-events.
  public struct Counts: Codable, Hashable, Sendable {
    /// The fewest events.
    public let events: Int
    /// The fewest non-events.
    public let nonEvents: Int

    private enum CodingKeys: String, CodingKey {
      case events
      case nonEvents = "non_events"
    }
  }

  /// The limit of the pooled log loss difference.
  public struct Improvement: Codable, Hashable, Sendable {
    /// The one-sided confidence of the upper limit, on t with sites − 1 degrees of freedom.
    public let confidence: Double
    /// What the upper limit must be below.
    public let below: Double
  }

  /// Ranges of point estimates, both ends included.
  public struct CalibrationLimits: Codable, Hashable, Sendable {
    /// The least pooled slope and O:E.
    public let atLeast: Double
    /// The greatest pooled slope and O:E.
    public let atMost: Double

    private enum CodingKeys: String, CodingKey {
      case atLeast = "at_least"
      case atMost = "at_most"
    }
  }

  /// Harm is shown when the interval of the net-benefit difference lies below 0.
  public struct NetBenefitVeto: Codable, Hashable, Sendable {
    /// Threshold probabilities.
    public let thresholds: [Double]
    /// Two-sided confidence of the interval.
    public let confidence: Double
    /// Resamples of sites, then of patients.
    public let samples: Int
    /// Their seed.
    public let seed: UInt64
  }

  /// A site is clearly worse when its difference exceeds the limit and its own lower limit is
  /// above 0.
  public struct WorstSite: Codable, Hashable, Sendable {
    /// Only sites with so many events are asked.
    public let events: Int
    /// Only sites with so many non-events are asked.
    public let nonEvents: Int
    /// By how much mean log loss may rise at most.
    public let worseBy: Double
    /// Two-sided confidence of a site's own limits.
    public let confidence: Double

    private enum CodingKeys: String, CodingKey {
      case events, confidence
      case nonEvents = "non_events"
      case worseBy = "worse_by"
    }
  }

  /// A look is allowed after either of these.
  public struct Look: Codable, Hashable, Sendable {
    /// Months since the last gated look.
    public let months: Int
    /// Events that were not in the last gated look.
    public let events: Int
  }
}

extension GateRules {
  /// The name of the first part whose numbers cannot be used; nil when all can.
  var firstFault: String? {
    func isShare(_ number: Double) -> Bool { number > 0.5 && number < 1 }
    let counts = [
      sites.events, sites.nonEvents, recalibration.events, recalibration.nonEvents,
      reEstimation.events, reEstimation.nonEvents, worstSite.events, worstSite.nonEvents,
      look.months, look.events,
    ]
    guard counts.allSatisfy({ (0...1_000_000).contains($0) }) else { return "gate" }
    guard (2...10_000).contains(sites.minimum) else { return "gate.sites.minimum" }
    guard isShare(improvement.confidence), improvement.below.isFinite else {
      return "gate.improvement"
    }
    guard calibration.atLeast > 0, calibration.atLeast < calibration.atMost else {
      return "gate.calibration"
    }
    let veto = netBenefit
    guard isShare(veto.confidence), (100...100_000).contains(veto.samples),
      (1...20).contains(veto.thresholds.count), veto.thresholds.allSatisfy({ $0 > 0 && $0 < 1 })
    else { return "gate.net_benefit" }
    guard isShare(worstSite.confidence), worstSite.worseBy >= 0 else { return "gate.worst_site" }
    guard (1...10).contains(signatures) else { return "gate.signatures" }
    return nil
  }
}
