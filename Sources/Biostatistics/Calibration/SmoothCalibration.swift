// SPDX-License-Identifier: Apache-2.0

/// A smooth calibration curve by loess, and the distances of risks from it.
///
/// Local parabolas with span 0.75 and tricube weights on the risks themselves, least squares, as
/// `loess(y ~ p)` of R fits them. Few distinct risks are better shown by `RiskPattern`.
///
/// Source: Austin & Steyerberg, Stat Med 2019;38:4051–4065, doi:10.1002/sim.8281; loess:
/// Cleveland, Devlin & Grosse, J Econom 1988;37:87–114, doi:10.1016/0304-4076(88)90077-2.
public struct SmoothCalibration: Sendable {
  /// Where parabolas are fitted.
  public enum Surface: String, Equatable, Hashable, Codable, Sendable {
    /// At every distinct risk: the reproducible definition.
    ///
    /// For more than about 20,000 distinct risks the fits go to evenly ranked risks, with cubic
    /// pieces between them; `isExact` tells.
    case direct
    /// At the ends of about twenty cells, with cubic pieces between: R's default.
    case interpolated
  }

  /// A point of the curve.
  public struct Point: Equatable, Sendable {
    /// The predicted risk.
    public let risk: Double
    /// The smoothed share of events, which may leave [0, 1].
    public let observed: Double
    /// The standard error of `observed` for homoscedastic errors.
    public let standardError: Double
    /// Limits on t with loess' degrees of freedom, which may leave [0, 1].
    public let limits: Interval
  }

  /// Where parabolas were fitted.
  public let surface: Surface
  /// Whether every distinct risk had a fit of its own.
  public let isExact: Bool
  /// The integrated calibration index: the mean of |smoothed − risk|.
  public let integratedIndex: Double
  /// The median of |smoothed − risk|.
  public let medianError: Double
  /// The 90th percentile of |smoothed − risk|, type 7.
  public let ninetiethError: Double
  /// The largest |smoothed − risk|.
  public let largestError: Double
  /// The smoothed share of events of every patient, in input order (shape: n).
  public let fitted: [Double]

  private let regression: LocalRegression
  private let residualDeviation: Double
  private let degreesOfFreedom: Double

  /// Smooths outcomes over risks.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1]; n at least 5.
  ///   - outcomes: Observed events (shape: n).
  ///   - surface: Where parabolas are fitted.
  ///   - span: The share of patients in a neighbourhood, in (0, 1].
  /// - Throws: `tooFew`, `outOfRange`, `zeroVariance` when all risks are equal, or a refusal of
  ///   malformed input.
  public init(
    risks: [Double],
    outcomes: [Bool],
    surface: Surface = .direct,
    span: Double = 0.75
  ) throws(BiostatisticsError) {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    guard span > 0, span <= 1 else { throw .outOfRange(parameter: "span", value: span) }
    guard risks.count >= 5 else {
      throw .tooFew(what: "patients", needed: 5, found: risks.count)
    }
    regression = LocalRegression(x: risks, y: outcomes.map { $0 ? 1 : 0 }, span: span)
    guard regression.x.count > 1 else { throw .zeroVariance("risks") }
    self.surface = surface
    let smooth = SmoothedPlaces(regression, surface: surface, span: span)
    isExact = smooth.isExact
    let values = Dictionary(uniqueKeysWithValues: zip(regression.x, smooth.values))
    fitted = risks.map { values[$0] ?? 0 }
    let errors = zip(fitted, risks).map { abs($0 - $1) }
    integratedIndex = errors.reduce(0, +) / Double(errors.count)
    medianError = try Quantile.type7(errors, 0.5)
    ninetiethError = try Quantile.type7(errors, 0.9)
    largestError = errors.max() ?? 0
    let residuals = zip(fitted, outcomes).reduce(0) {
      let residual = ($1.1 ? 1 : 0) - $1.0
      return $0 + residual * residual
    }
    let traces = LoessTraces(trace: smooth.trace, count: Double(risks.count))
    residualDeviation = (residuals / traces.first).squareRoot()
    degreesOfFreedom = traces.first * traces.first / traces.second
  }

  /// The curve at the given risks, with limits, from direct fits.
  ///
  /// - Parameters:
  ///   - risks: Places inside the range of the predicted risks; others are left out.
  ///   - confidence: The level of the limits, in (0, 1).
  /// - Returns: One point for each place inside the range, in order.
  /// - Throws: `outOfRange`.
  public func curve(
    at risks: [Double],
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> [Point] {
    let critical = try StudentT(degreesOfFreedom: degreesOfFreedom)
      .criticalValue(confidence: confidence)
    let range = regression.x[0]...regression.x[regression.x.count - 1]
    return risks.filter { range.contains($0) }.map { risk in
      let fit = regression.fit(at: risk)
      let error = residualDeviation * fit.squaredNorm.squareRoot()
      return Point(
        risk: risk,
        observed: fit.value,
        standardError: error,
        limits: Interval(
          low: fit.value - critical * error,
          high: fit.value + critical * error
        )
      )
    }
  }

  /// The curve at evenly spaced risks from the smallest to the largest.
  ///
  /// - Throws: `outOfRange` unless 2 to 10,000 points are asked for.
  public func curve(
    pointCount: Int = 101,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> [Point] {
    guard (2...10_000).contains(pointCount) else {
      throw .outOfRange(parameter: "pointCount", value: Double(pointCount))
    }
    let (low, high) = (regression.x[0], regression.x[regression.x.count - 1])
    let places = (0..<pointCount).map {
      $0 == pointCount - 1 ? high : low + (high - low) * Double($0) / Double(pointCount - 1)
    }
    return try curve(at: places, confidence: confidence)
  }
}

/// The smoothed values at all distinct risks.
private struct SmoothedPlaces {
  let values: [Double]
  /// The trace of the smoother.
  let trace: Double
  let isExact: Bool

  init(_ regression: LocalRegression, surface: SmoothCalibration.Surface, span: Double) {
    let x = regression.x
    // Every fit visits its neighbourhood; past this many visits fewer places have to do.
    let visits = 3e8
    let affordable = max(400, Int(visits / (Double(x.count) * span)))
    if surface == .direct, x.count <= affordable {
      let fits = x.map { regression.fit(at: $0) }
      values = fits.map(\.value)
      trace = zip(fits, regression.counts).reduce(0) { $0 + $1.0.leverage * $1.1 }
      isExact = true
      return
    }
    let places: [Double]
    switch surface {
    case .interpolated: places = LoessCells.places(regression, span: span)
    case .direct:
      places = (0..<affordable).map { x[$0 * (x.count - 1) / (affordable - 1)] }
    }
    let fits = places.map { regression.fit(at: $0) }
    let curve = HermiteCurve(
      places: places,
      values: fits.map(\.value),
      slopes: fits.map(\.slope)
    )
    values = x.map { curve.value(at: $0) }
    let leverages = HermiteCurve(
      places: places,
      values: fits.map(\.leverage),
      slopes: fits.map { _ in 0 }
    )
    trace = zip(x, regression.counts).reduce(0) { $0 + leverages.value(at: $1.0) * $1.1 }
    isExact = false
  }
}

/// The traces of (I − L)ᵀ(I − L) and of its square, by the interpolation formula of loess.
///
/// Source: Cleveland & Devlin, J Am Stat Assoc 1988;83:596–610,
/// doi:10.1080/01621459.1988.10478639; constants for one predictor and degree 2.
private struct LoessTraces {
  let first: Double
  let second: Double

  init(trace: Double, count: Double) {
    let terms = 3.0
    let least = (terms / count).squareRoot()
    let z = min(1, max(0, ((terms / trace).squareRoot() - least) / (1 - least)))
    let correction = exp(Self.correction.value(at: z))
    let approximate = { (scale: Double, low: Double, high: Double) in
      guard z > 0, z < 1 else { return count - trace }
      return count - trace * exp(scale * exp(low * log(z) + high * log(1 - z)) * correction)
    }
    first = max(1, approximate(0.1611761, 0.3091323, 0.4401023))
    second = max(1, approximate(0.2075670, 0.2822574, 0.2369957))
  }

  private static let correction = HermiteCurve(
    places: [
      -0.005, 0.1204, 0.2017, 0.2815, 0.3705, 0.4536, 0.5591, 0.7132, 0.8751, 1.005,
    ],
    values: [
      -0.090572, 0.095807, 0.026152, -0.031926, -0.053718, -0.064170, -0.058387, -0.020636,
      0.040172, -0.010856,
    ],
    slopes: [
      4.4844, -0.7978, -0.7286, -0.4457, -0.3495, 0.032813, 0.1611, 0.3350, -0.041032, -0.7736,
    ]
  )
}
