// SPDX-License-Identifier: Apache-2.0

/// The Kaplan–Meier estimate of survival with Greenwood's variance and pointwise limits.
///
/// Times tie only when they are exactly equal. Rows with a missing time or event are the caller's
/// to leave out and to report.
///
/// Source: Kaplan & Meier, J Am Stat Assoc 1958;53:457–481,
/// doi:10.1080/01621459.1958.10501452; limits: Kalbfleisch & Prentice, 1980; cumulative hazard:
/// Nelson, Technometrics 1972;14:945–966, doi:10.1080/00401706.1972.10488991.
public struct KaplanMeier: Equatable, Sendable {
  /// The scale on which the pointwise limits are symmetric.
  public enum LimitScale: String, Equatable, Hashable, Codable, Sendable {
    /// log(−log S): always inside (0, 1).
    case logLog
    /// log S: the upper limit is cut at 1.
    case log
  }

  /// The estimate from one distinct time until before the next.
  public struct Step: Equatable, Sendable {
    /// The time, in the unit of the input.
    public let time: Double
    /// Patients at risk just before this time.
    public let atRisk: Int
    /// Events at this time.
    public let events: Int
    /// Patients censored at this time.
    public let censored: Int
    /// The share surviving beyond this time, in [0, 1].
    public let survival: Double
    /// Greenwood's standard error of `survival`; nil when nobody survives.
    public let standardError: Double?
    /// The limits; nil when `survival` is 0 or 1, where they do not exist.
    public let limits: Interval?
    /// The Nelson–Aalen cumulative hazard.
    public let cumulativeHazard: Double
  }

  /// A time by which a share of patients had the event.
  public struct QuantileTime: Equatable, Sendable {
    /// The time; nil when the curve does not fall that low.
    public let time: Double?
    /// The lower limit; nil when not reached.
    public let low: Double?
    /// The upper limit; nil when not reached.
    public let high: Double?
  }

  /// One step for every distinct time, times rising.
  public let steps: [Step]
  /// The number of patients.
  public let count: Int
  /// The number of events.
  public let events: Int
  /// The level of the limits.
  public let confidence: Double
  /// The scale of the limits.
  public let limitScale: LimitScale

  /// Estimates survival.
  ///
  /// Equal times are tied; a patient censored at an event time counts as at risk there.
  ///
  /// - Parameters:
  ///   - times: Follow-up times (shape: n), finite and not negative.
  ///   - events: Whether the time ends with the event (shape: n); otherwise it is censored.
  ///   - confidence: The level of the limits, in (0, 1).
  ///   - limitScale: The scale on which the limits are symmetric.
  /// - Throws: `countsDiffer`, `emptyInput`, `notFinite` or `outOfRange`.
  public init(
    times: [Double],
    events: [Bool],
    confidence: Double = 0.95,
    limitScale: LimitScale = .logLog
  ) throws(BiostatisticsError) {
    let data = try SurvivalTimes(times: times, events: events)
    let z = try Normal.criticalValue(confidence: confidence)
    var survival = 1.0
    var greenwood = 0.0
    var hazard = 0.0
    steps = data.moments.map { moment in
      survival *= Double(moment.atRisk - moment.events) / Double(moment.atRisk)
      greenwood +=
        Double(moment.events)
        / (Double(moment.atRisk) * Double(moment.atRisk - moment.events))
      hazard += Double(moment.events) / Double(moment.atRisk)
      return Step(
        time: moment.time,
        atRisk: moment.atRisk,
        events: moment.events,
        censored: moment.censored,
        survival: survival,
        standardError: survival > 0 ? survival * greenwood.squareRoot() : nil,
        limits: limitScale.limits(survival: survival, greenwood: greenwood, z: z),
        cumulativeHazard: hazard
      )
    }
    count = times.count
    self.events = events.count { $0 }
    self.confidence = confidence
    self.limitScale = limitScale
  }
}

extension KaplanMeier.LimitScale {
  /// S to the power e^(±z √G / log S), or S e^(±z √G), with G Greenwood's sum.
  fileprivate func limits(survival: Double, greenwood: Double, z: Double) -> Interval? {
    guard survival > 0, survival < 1 else { return nil }
    let logSurvival = Biostatistics.log(survival)
    let half = z * greenwood.squareRoot()
    switch self {
    case .logLog:
      let shift = half / logSurvival
      return Interval(
        low: exp(logSurvival * exp(-shift)),
        high: exp(logSurvival * exp(shift))
      )
    case .log:
      return Interval(low: exp(logSurvival - half), high: min(1, exp(logSurvival + half)))
    }
  }
}

extension KaplanMeier {
  /// The step in force at a time; nil before the first time and, while patients survive, after
  /// the last.
  public func step(at time: Double) -> Step? {
    guard let last = steps.last, time <= last.time || last.survival == 0 else { return nil }
    return steps.last { $0.time <= time }
  }

  /// The share surviving beyond a time: 1 before the first event, nil after the last follow-up
  /// while patients survive.
  public func survival(at time: Double) -> Double? {
    guard let first = steps.first else { return nil }
    return time < first.time ? 1 : step(at: time)?.survival
  }

  /// Patients with follow-up of at least a time.
  public func atRisk(at time: Double) -> Int {
    steps.first { $0.time >= time }?.atRisk ?? 0
  }

  /// The median survival time with its limits.
  public var median: QuantileTime { quantile(0.5) }

  /// The time by which a share of patients had the event, with its limits.
  ///
  /// The first time with survival at most 1 − probability; on a stretch where survival equals it,
  /// the middle of the stretch. The limits are where the pointwise limits cross.
  ///
  /// Source: Brookmeyer & Crowley, Biometrics 1982;38:29–41, doi:10.2307/2530286.
  ///
  /// - Parameter probability: The share with the event, in (0, 1).
  /// - Returns: The time with its limits, nil where the curve does not fall that low.
  public func quantile(_ probability: Double) -> QuantileTime {
    let level = 1 - probability
    return QuantileTime(
      time: crossing(level) { $0.survival },
      low: crossing(level) { $0.limits?.low ?? ($0.survival == 0 ? nil : 1) },
      high: crossing(level) { $0.limits?.high ?? ($0.survival == 0 ? nil : 1) }
    )
  }

  private func crossing(_ level: Double, of curve: (Step) -> Double?) -> Double? {
    let rounding = 1e-9
    guard
      let index = steps.firstIndex(where: { (curve($0) ?? 2) <= level + rounding }),
      let value = curve(steps[index])
    else { return nil }
    guard abs(value - level) <= rounding else { return steps[index].time }
    let next = steps[index...].first { (curve($0) ?? 2) < level - rounding || $0.survival == 0 }
    return next.map { (steps[index].time + $0.time) / 2 } ?? steps[index].time
  }
}

extension KaplanMeier {
  /// The mean survival time up to a horizon: the area under the curve, with Greenwood's error.
  ///
  /// Beyond the last follow-up the curve goes on flat, so a horizon past it describes survival no
  /// patient was followed for. Curves are compared at one common horizon.
  ///
  /// Source: Irwin, J Hyg 1949;47:188–189, doi:10.1017/S0022172400014443; Royston & Parmar, Stat
  /// Med 2011;30:2409–2421, doi:10.1002/sim.4274.
  ///
  /// - Parameter horizon: The end of the period, above 0.
  /// - Returns: The restricted mean with its standard error, in the unit of the times.
  /// - Throws: `outOfRange`.
  public func restrictedMean(to horizon: Double) throws(BiostatisticsError) -> Estimate {
    guard horizon > 0, horizon.isFinite else {
      throw .outOfRange(parameter: "horizon", value: horizon)
    }
    // Areas from the right, because the variance of each event weighs the area after it.
    var area = 0.0
    var variance = 0.0
    var end = horizon
    for step in steps.reversed() where step.time < horizon {
      area += step.survival * (end - step.time)
      end = step.time
      if step.events > 0, step.events < step.atRisk {
        let survivors = Double(step.atRisk - step.events)
        variance += area * area * Double(step.events) / (Double(step.atRisk) * survivors)
      }
    }
    return Estimate(value: area + end, standardError: variance.squareRoot())
  }
}
