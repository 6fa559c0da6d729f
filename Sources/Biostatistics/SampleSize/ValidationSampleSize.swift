// SPDX-License-Identifier: Apache-2.0

/// The patients needed to validate a prediction model of a binary outcome.
///
/// Each measure is to have limits of a given width, with 1.96 as pmvalsampsize uses. The slope is
/// computed by integration over normal linear predictors where the package simulates.
///
/// Source: Riley et al., Stat Med 2021;40:4230–4251, doi:10.1002/sim.9025; Riley et al., BMJ
/// 2024;384:e074821, doi:10.1136/bmj-2023-074821.
public enum ValidationSampleSize {
  /// The information about a calibration slope of 1 for each patient.
  public struct SlopeInformation: Equatable, Sendable {
    /// The mean of p (1 − p).
    public let intercept: Double
    /// The mean of p (1 − p) times the linear predictor.
    public let mixed: Double
    /// The mean of p (1 − p) times the squared linear predictor.
    public let slope: Double
  }

  /// Patients for limits of observed over expected events of a width, both being equal.
  ///
  /// The standard error of the log ratio is the smallest multiple of 0.0001 whose limits are at
  /// least that wide.
  ///
  /// - Throws: `outOfRange`.
  public static func observedToExpected(
    prevalence: Double,
    width: Double
  ) throws(BiostatisticsError) -> (patients: Int, standardError: Double) {
    try check(prevalence, "prevalence")
    guard width > 0, width < 1e6 else { throw .outOfRange(parameter: "width", value: width) }
    // 2 sinh(1.96 s) = width
    let half = width / 2
    let exact = log(half + (half * half + 1).squareRoot()) / 1.96
    let steps = (exact * 1e4 - 1e-9).rounded(.up)
    let error = max(1, steps) * 1e-4
    return (
      try whole((1 - prevalence) / (prevalence * error * error)), error
    )
  }

  /// Patients for limits of the calibration slope of a width.
  ///
  /// - Parameters:
  ///   - mean: The mean of the linear predictor, normal among the patients.
  ///   - deviation: Its standard deviation, above 0.
  ///   - width: The width of the limits, above 0.
  /// - Returns: Patients, and the information for each.
  /// - Throws: `outOfRange`.
  public static func slope(
    mean: Double,
    deviation: Double,
    width: Double
  ) throws(BiostatisticsError) -> (patients: Int, information: SlopeInformation) {
    guard abs(mean) < 100 else { throw .outOfRange(parameter: "mean", value: mean) }
    guard deviation > 0, deviation < 100 else {
      throw .outOfRange(parameter: "deviation", value: deviation)
    }
    guard width > 0, width.isFinite else { throw .outOfRange(parameter: "width", value: width) }
    let information = information(mean: mean, deviation: deviation)
    let error = width / (2 * 1.96)
    let determinant =
      information.intercept * information.slope - information.mixed * information.mixed
    guard determinant > 0 else { throw .zeroVariance("linear predictor") }
    return (try whole(information.intercept / (error * error * determinant)), information)
  }

  /// The trapezoid rule over ±12 deviations, whose error vanishes for such integrands.
  private static func information(mean: Double, deviation: Double) -> SlopeInformation {
    let steps = 24_000
    var sums = SIMD4<Double>(repeating: 0)
    for step in 0...steps {
      let z = -12 + 24 * Double(step) / Double(steps)
      let predictor = mean + deviation * z
      let weight = exp(-z * z / 2) * Logit.inverse(predictor) * Logit.inverse(-predictor)
      sums += weight * SIMD4(1, predictor, predictor * predictor, 0)
    }
    sums *= 24 / Double(steps) / (2 * Double.pi).squareRoot()
    return SlopeInformation(intercept: sums[0], mixed: sums[1], slope: sums[2])
  }

  /// Patients for limits of the c-statistic of a width, with Newcombe's standard error.
  ///
  /// - Throws: `outOfRange`.
  public static func concordance(
    c: Double,
    prevalence: Double,
    width: Double
  ) throws(BiostatisticsError) -> Int {
    try check(prevalence, "prevalence")
    guard c > 0, c < 1 else { throw .outOfRange(parameter: "c", value: c) }
    guard width > 0, width.isFinite else { throw .outOfRange(parameter: "width", value: width) }
    let reaches = { (patients: Int) in
      let n = Double(patients)
      let half = n / 2 - 1
      let sum = 1 + half * (1 - c) / (2 - c) + half * c / (1 + c)
      let variance = c * (1 - c) * sum / (n * n * prevalence * (1 - prevalence))
      return 2 * 1.96 * max(0, variance).squareRoot() <= width
    }
    var high = 2
    while !reaches(high) {
      high *= 2
      guard high < 1 << 50 else { throw .outOfRange(parameter: "width", value: width) }
    }
    var low = 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if reaches(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// Patients for limits of the net benefit over prevalence, at one threshold, of a width.
  ///
  /// - Returns: Patients, and the standardised net benefit expected.
  /// - Throws: `outOfRange`.
  public static func netBenefit(
    sensitivity: Double,
    specificity: Double,
    prevalence: Double,
    threshold: Double,
    width: Double = 0.2
  ) throws(BiostatisticsError) -> (patients: Int, standardised: Double) {
    for (name, value) in [
      ("sensitivity", sensitivity), ("specificity", specificity), ("prevalence", prevalence),
      ("threshold", threshold),
    ] { try check(value, name) }
    guard width > 0, width.isFinite else { throw .outOfRange(parameter: "width", value: width) }
    let weight = (1 - prevalence) / prevalence * threshold / (1 - threshold)
    let falseShare = 1 - specificity
    let variance =
      sensitivity * (1 - sensitivity) / prevalence
      + weight * weight * specificity * falseShare / (1 - prevalence)
      + weight * weight * falseShare * falseShare / (prevalence * (1 - prevalence))
    let error = width / (2 * 1.96)
    return (try whole(variance / (error * error)), sensitivity - falseShare * weight)
  }

  private static func check(_ share: Double, _ name: String) throws(BiostatisticsError) {
    guard share > 0, share < 1 else { throw .outOfRange(parameter: name, value: share) }
  }

  private static func whole(_ size: Double) throws(BiostatisticsError) -> Int {
    guard size < 1e15 else { throw .outOfRange(parameter: "patients", value: size) }
    return Int(size.rounded(.up))
  }
}
