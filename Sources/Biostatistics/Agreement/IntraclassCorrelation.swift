// SPDX-License-Identifier: Apache-2.0

/// The intraclass correlation of single readings, or of the mean of all readers.
///
/// From the mean squares of complete rows; rows with a missing reading are the caller's to leave
/// out. Limits and test of absolute agreement use Satterthwaite's degrees of freedom at the
/// estimate, as R irr does.
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

  /// Whose reliability is measured.
  public enum Unit: String, Equatable, Hashable, Codable, Sendable {
    /// One reading: ICC(·,1).
    case single
    /// The mean of the k readings of a patient: ICC(·,k).
    case average
  }

  /// Which coefficient this is.
  public let form: Form
  /// Whose reliability it is.
  public let unit: Unit
  /// The coefficient, at most 1; may be negative.
  public let estimate: Double
  /// The confidence limits.
  public let limits: Interval
  /// The F test that the coefficient is 0.
  public let test: FTestResult
  /// The number of patients.
  public let patientCount: Int
  /// The number of readings for each patient.
  public let readingCount: Int

  /// Measures the agreement of readings.
  ///
  /// - Parameters:
  ///   - readings: One row for each patient, one column for each reader, complete (shape: n × k).
  ///   - form: What varies and what counts as disagreement.
  ///   - unit: One reading, or the mean of all.
  ///   - confidence: The level of the limits.
  /// - Returns: The coefficient with its limits.
  /// - Throws: `tooFew` with fewer than two patients or readers, `countsDiffer`, `notFinite`, or
  ///   `zeroVariance` when readings do not differ.
  public static func measure(
    _ readings: [[Double]],
    form: Form,
    unit: Unit = .single,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> IntraclassCorrelation {
    guard confidence > 0, confidence < 1 else {
      throw .outOfRange(parameter: "confidence", value: confidence)
    }
    let squares = try ReadingSquares(readings)
    let tail = (1 - confidence) / 2
    let estimate = squares.estimate(form, unit)
    guard estimate.isFinite else { throw .zeroVariance("patients") }
    let patients = Double(squares.patients - 1)
    let error = form == .oneWay ? squares.within : squares.residual
    let freedom: Double
    let limits: Interval
    switch form {
    case .oneWay, .consistency:
      let perPatient = form == .oneWay ? Double(squares.patients) : patients
      freedom = perPatient * Double(squares.readers - 1)
      limits = try squares.ratioLimits(error: error, freedom: freedom, tail: tail, unit: unit)
    case .absoluteAgreement:
      freedom = squares.agreementFreedom(estimate)
      limits = try squares.agreementLimits(freedom: freedom, tail: tail, unit: unit)
    }
    let ratio = squares.between / error
    return IntraclassCorrelation(
      form: form,
      unit: unit,
      estimate: estimate,
      limits: limits,
      test: try FRatio(numerator: patients, denominator: freedom).test(ratio),
      patientCount: squares.patients,
      readingCount: squares.readers
    )
  }
}
