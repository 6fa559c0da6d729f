// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import RiskModel

/// What the figures draw beyond the validation's own numbers.
///
/// All of it follows from the patients' risks and outcomes, which the risk patterns hold.
public struct ReportFigures: Codable, Hashable, Sendable {
  /// Observed shares with Wilson limits; empty where the risks are many.
  public var calibrationPoints: [RiskPatternSummary]
  /// Loess of the outcome on the risk with its band; empty where the risks are few.
  public var smooth: [SmoothPoint]
  /// The mean of |smoothed − predicted|; absent where the risks are few.
  public var integratedIndex: Double?
  /// Patients by predicted risk in twentieths.
  public var riskBins: [RiskBin]
  /// What each threshold that is named by plan, study or release would do.
  public var thresholds: [ThresholdRow]

  /// A point of the smooth calibration curve.
  public struct SmoothPoint: Codable, Hashable, Sendable {
    /// The predicted risk.
    public var risk: Double
    /// The smoothed share with the outcome.
    public var observed: Double
    /// The lower 95 % limit.
    public var low: Double
    /// The upper 95 % limit.
    public var high: Double
  }

  /// Patients with risks from `from`, below `to`.
  public struct RiskBin: Codable, Hashable, Sendable {
    /// The lower end, included.
    public var from: Double
    /// The upper end, included in the last bin only.
    public var to: Double
    /// Patients with the outcome.
    public var events: Int
    /// Patients without it.
    public var nonEvents: Int

    private enum CodingKeys: String, CodingKey {
      case from, to, events
      case nonEvents = "non_events"
    }
  }

  /// What would happen at one threshold.
  public struct ThresholdRow: Codable, Hashable, Sendable {
    /// The predicted risk from which a patient counts as high.
    public var threshold: Double
    /// Patients at or above it.
    public var positive: Int
    /// Those of them with the outcome.
    public var truePositive: Int
    /// Patients below it.
    public var negative: Int
    /// Those of them without the outcome.
    public var trueNegative: Int
    /// The net benefit of the model.
    public var netBenefit: Double
    /// The net benefit of counting everybody as high.
    public var treatAll: Double

    private enum CodingKeys: String, CodingKey {
      case threshold, positive, negative
      case truePositive = "true_positive"
      case trueNegative = "true_negative"
      case netBenefit = "net_benefit"
      case treatAll = "treat_all"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case smooth, thresholds
    case calibrationPoints = "calibration_points"
    case integratedIndex = "integrated_calibration_index"
    case riskBins = "risk_bins"
  }
}

extension ReportFigures {
  /// More distinct risks than this are smoothed.
  static let patternLimit = 20
  private static let binCount = 20

  /// Works out what the figures of a report draw.
  public init(_ content: ReportContent) {
    let patterns = content.validation.riskPatterns
    let isFew = patterns.count <= Self.patternLimit
    calibrationPoints = isFew ? patterns : []
    (smooth, integratedIndex) = isFew ? ([], nil) : Self.smoothed(patterns)
    riskBins = Self.bins(patterns)
    let asked =
      (content.study?.decisions.map(\.threshold) ?? [])
      + (content.plan.gate?.netBenefit.thresholds ?? []) + [content.release.cutoff]
    thresholds = Set(asked).sorted().compactMap { Self.row($0, patterns) }
  }

  private static func smoothed(
    _ patterns: [RiskPatternSummary]
  ) -> ([SmoothPoint], Double?) {
    var (risks, outcomes): ([Double], [Bool]) = ([], [])
    for own in patterns {
      risks += Array(repeating: own.risk, count: own.n)
      outcomes += (0..<own.n).map { $0 < own.events }
    }
    guard let smooth = try? SmoothCalibration(risks: risks, outcomes: outcomes),
      let curve = try? smooth.curve(pointCount: 61)
    else { return ([], nil) }
    let points = curve.map {
      SmoothPoint(
        risk: $0.risk,
        observed: $0.observed,
        low: $0.limits.low,
        high: $0.limits.high
      )
    }
    return (points, smooth.integratedIndex)
  }

  private static func bins(_ patterns: [RiskPatternSummary]) -> [RiskBin] {
    var bins = (0..<binCount).map {
      RiskBin(
        from: Double($0) / Double(binCount),
        to: Double($0 + 1) / Double(binCount),
        events: 0,
        nonEvents: 0
      )
    }
    for own in patterns {
      let place = min(binCount - 1, max(0, Int(own.risk * Double(binCount))))
      bins[place].events += own.events
      bins[place].nonEvents += own.n - own.events
    }
    return bins
  }

  private static func row(
    _ threshold: Double,
    _ patterns: [RiskPatternSummary]
  ) -> ThresholdRow? {
    let n = patterns.reduce(0) { $0 + $1.n }
    guard n > 0, threshold > 0, threshold < 1 else { return nil }
    // A stored 0.35 and a computed one may differ in their last bit.
    let high = patterns.filter { $0.risk >= threshold - 1e-9 }
    let positive = high.reduce(0) { $0 + $1.n }
    let truePositive = high.reduce(0) { $0 + $1.events }
    let events = patterns.reduce(0) { $0 + $1.events }
    let odds = threshold / (1 - threshold)
    let all = Double(n)
    return ThresholdRow(
      threshold: threshold,
      positive: positive,
      truePositive: truePositive,
      negative: n - positive,
      trueNegative: n - positive - (events - truePositive),
      netBenefit: (Double(truePositive) - Double(positive - truePositive) * odds) / all,
      treatAll: (Double(events) - Double(n - events) * odds) / all
    )
  }
}
