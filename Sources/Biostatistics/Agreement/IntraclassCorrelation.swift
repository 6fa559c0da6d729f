// SPDX-License-Identifier: Apache-2.0

/// The intraclass correlation of single readings.
///
/// Source: Shrout & Fleiss, Psychol Bull 1979;86:420–428, doi:10.1037/0033-2909.86.2.420;
/// McGraw & Wong, Psychol Methods 1996;1:30–46, doi:10.1037/1082-989X.1.1.30.
public struct IntraclassCorrelation: Equatable, Sendable {
  /// What varies and what counts as disagreement.
  public enum Form: String, Equatable, Hashable, Codable, Sendable {
    /// ICC(1,1): every patient has readers of its own.
    case oneWay
    /// ICC(2,1), ICC(A,1): readers are a sample, and their differences count.
    case absoluteAgreement
    /// ICC(3,1), ICC(C,1): differences between readers do not count.
    case consistency
  }

  /// Which coefficient this is.
  public let form: Form
  /// The coefficient, at most 1; may be negative.
  public let estimate: Double
  /// The confidence limits.
  public let limits: Interval
  /// The number of patients.
  public let patientCount: Int
  /// The number of readings for each patient.
  public let readingCount: Int

  /// Measures the agreement of readings.
  ///
  /// - Parameters:
  ///   - readings: One row for each patient, one column for each reader, complete (shape: n × k).
  ///   - form: What varies and what counts as disagreement.
  ///   - confidence: The level of the limits.
  /// - Returns: The coefficient with its limits.
  /// - Throws: `tooFew` with fewer than two patients or readers, `countsDiffer`, `notFinite`, or
  ///   `zeroVariance` when readings do not differ.
  public static func measure(
    _ readings: [[Double]],
    form: Form,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> IntraclassCorrelation {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    let squares = try ReadingSquares(readings)
    let tail = (1 - confidence) / 2
    let limits: Interval
    switch form {
    case .oneWay:
      let freedom = Double(squares.patients * (squares.readers - 1))
      limits = try squares.ratioLimits(error: squares.within, freedom: freedom, tail: tail)
    case .consistency:
      let freedom = Double((squares.patients - 1) * (squares.readers - 1))
      limits = try squares.ratioLimits(error: squares.residual, freedom: freedom, tail: tail)
    case .absoluteAgreement: limits = try squares.agreementLimits(tail: tail)
    }
    return IntraclassCorrelation(
      form: form,
      estimate: squares.estimate(form),
      limits: limits,
      patientCount: squares.patients,
      readingCount: squares.readers
    )
  }
}
