// SPDX-License-Identifier: Apache-2.0

/// The patients needed to develop a prediction model of a binary outcome.
///
/// The largest of three criteria: (1) little shrinkage, (2) little optimism in Nagelkerke's R²,
/// (3) a precise overall risk. Uses 1.96 as pmsampsize does. The number of parameters counts all
/// candidates, screened ones included.
///
/// Source: Riley et al., Stat Med 2019;38:1276–1296, doi:10.1002/sim.7992; Riley et al., BMJ
/// 2020;368:m441, doi:10.1136/bmj.m441.
public struct DevelopmentSampleSize: Equatable, Sendable {
  /// Patients by each criterion.
  public let criteria: [Int]
  /// Patients needed: the largest of `criteria`.
  public let patients: Int
  /// Events expected among them.
  public let events: Double
  /// Events for each parameter, by each criterion.
  public let eventsPerParameter: [Double]
  /// The shrinkage expected, the larger of criteria 1 and 2.
  public let shrinkage: Double
  /// The largest Cox–Snell R² the prevalence allows.
  public let largestCoxSnell: Double
  /// Nagelkerke's R² expected.
  public let nagelkerke: Double

  /// Computes the sample size.
  ///
  /// - Parameters:
  ///   - coxSnell: The Cox–Snell R² expected, adjusted for optimism, above 0.
  ///   - parameters: Candidate parameters, at least 1.
  ///   - prevalence: The share with the event, in (0, 1).
  ///   - shrinkage: The shrinkage factor targeted, in (0, 1).
  /// - Returns: The sample size by each criterion.
  /// - Throws: `outOfRange`, also when the R² exceeds what the prevalence or the shrinkage allows.
  public static func compute(
    coxSnell: Double,
    parameters: Int,
    prevalence: Double,
    shrinkage: Double = 0.9
  ) throws(BiostatisticsError) -> DevelopmentSampleSize {
    guard coxSnell > 0, coxSnell < 1 else {
      throw .outOfRange(parameter: "coxSnell", value: coxSnell)
    }
    guard (1...1_000_000).contains(parameters) else {
      throw .outOfRange(parameter: "parameters", value: Double(parameters))
    }
    guard prevalence > 0, prevalence < 1 else {
      throw .outOfRange(parameter: "prevalence", value: prevalence)
    }
    guard shrinkage > coxSnell, shrinkage < 1 else {
      throw .outOfRange(parameter: "shrinkage", value: shrinkage)
    }
    let entropy = prevalence * log(prevalence) + (1 - prevalence) * log1p(-prevalence)
    let largest = 1 - exp(2 * entropy)
    guard coxSnell < largest else { throw .outOfRange(parameter: "coxSnell", value: coxSnell) }
    let second = coxSnell / (coxSnell + 0.05 * largest)
    let count = Double(parameters)
    let margin = 1.96 / 0.05
    var criteria: [Int] = []
    for size in [
      count / ((shrinkage - 1) * log(1 - coxSnell / shrinkage)),
      count / ((second - 1) * log(1 - coxSnell / second)),
      margin * margin * prevalence * (1 - prevalence),
    ] {
      guard size < 1e15 else { throw .outOfRange(parameter: "patients", value: size) }
      criteria.append(Int(size.rounded(.up)))
    }
    let patients = criteria.max() ?? 0
    return DevelopmentSampleSize(
      criteria: criteria,
      patients: patients,
      events: Double(patients) * prevalence,
      eventsPerParameter: criteria.map { Double($0) * prevalence / count },
      shrinkage: max(shrinkage, criteria[1] > criteria[0] ? second : shrinkage),
      largestCoxSnell: largest,
      nagelkerke: coxSnell / largest
    )
  }
}
