// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The frozen rows of an analysis.
public struct DataCut: Equatable, Sendable {
  /// The cut's name: a running number.
  public let id: String
  /// When it was made, in seconds since 1970.
  public let madeAt: Int
  /// Patients in it, complete or not; withdrawn ones are left out.
  public let patients: Int
  /// Sites with at least one patient in it.
  public let sites: Int
  /// SHA-256 of the content.
  public let sha256: Data
  /// SHA-256 of the analysis plan that was registered when it was made.
  public let planSHA256: Data
  /// The rows, one line of canonical JSON each, sorted by site and patient.
  public let content: Data

  /// Makes a cut of its parts.
  public init(
    id: String,
    madeAt: Int,
    patients: Int,
    sites: Int,
    sha256: Data,
    planSHA256: Data,
    content: Data
  ) {
    self.id = id
    self.madeAt = madeAt
    self.patients = patients
    self.sites = sites
    self.sha256 = sha256
    self.planSHA256 = planSHA256
    self.content = content
  }
}

/// What tells a cut from others, without its rows.
public struct DataCutSummary: Equatable, Sendable {
  /// The cut's name.
  public let id: String
  /// When it was made, in seconds since 1970.
  public let madeAt: Int
  /// Patients in it.
  public let patients: Int
  /// Sites with at least one patient in it.
  public let sites: Int
  /// SHA-256 of the content.
  public let sha256: Data
  /// SHA-256 of the analysis plan in force when it was made.
  public let planSHA256: Data
}
