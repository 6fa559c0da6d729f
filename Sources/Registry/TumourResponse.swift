// SPDX-License-Identifier: Apache-2.0

/// A response category of the modified RECIST for hepatocellular carcinoma.
public enum ResponseCategory: String, Codable, Hashable, Sendable, CaseIterable {
  /// No arterial enhancement is left in any target lesion.
  case complete = "CR"
  /// The sum of viable diameters has shrunk by at least 30 % of the baseline sum.
  case partial = "PR"
  /// Neither partial response nor progression.
  case stable = "SD"
  /// The sum has grown by at least 20 % of the smallest sum so far, or there is a new lesion.
  case progressive = "PD"
  /// Not evaluable.
  case notEvaluable = "NE"
}

/// The course of the non-target lesions.
public enum NonTargetResponse: String, Codable, Hashable, Sendable, CaseIterable {
  /// There are none.
  case absent
  /// All enhancement has gone.
  case complete = "CR"
  /// One or more persist.
  case persistent = "IR_SD"
  /// Unequivocal progression.
  case progressive = "PD"
  /// Not evaluable.
  case notEvaluable = "NE"
}

/// What a response category is made of.
///
/// Source: Lencioni & Llovet, Semin Liver Dis 2010;30:52–60, doi:10.1055/s-0030-1247132.
public struct ResponseMeasurements: Hashable, Sendable {
  /// Sum of the viable target diameters at baseline, mm.
  public let baseline: Double?
  /// The smallest sum before this assessment, baseline included, mm.
  public let nadir: Double?
  /// The sum at this assessment, mm.
  public let current: Double?
  /// Whether a new lesion is confirmed; not known counts as no.
  public let hasNewLesion: Bool?
  /// The non-target lesions; not known counts as none.
  public let nonTarget: NonTargetResponse?

  /// Makes the measurements.
  public init(
    baseline: Double?,
    nadir: Double?,
    current: Double?,
    hasNewLesion: Bool?,
    nonTarget: NonTargetResponse?
  ) {
    self.baseline = baseline
    self.nadir = nadir
    self.current = current
    self.hasNewLesion = hasNewLesion
    self.nonTarget = nonTarget
  }

  /// The mRECIST category that follows.
  ///
  /// A new lesion or non-target progression is PD whatever the targets. A complete response of the
  /// targets with persisting or not evaluable non-targets is PR.
  public var category: ResponseCategory {
    if hasNewLesion == true || nonTarget == .progressive { return .progressive }
    guard let baseline, baseline > 0, let current else { return .notEvaluable }
    let smallest = min(nadir ?? baseline, baseline)
    if current > 0, current >= 1.2 * smallest - Self.tolerance { return .progressive }
    if current == 0 {
      return nonTarget == .persistent || nonTarget == .notEvaluable ? .partial : .complete
    }
    return current <= 0.7 * baseline + Self.tolerance ? .partial : .stable
  }

  /// Keeps a sum that is exactly on a limit on the side that the definition names, mm.
  private static let tolerance = 1e-9
}
