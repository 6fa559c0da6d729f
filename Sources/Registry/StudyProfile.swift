// SPDX-License-Identifier: Apache-2.0

/// What the engine must know of a study by role rather than by name (`study.json`).
public struct StudyProfile: Codable, Hashable, Sendable {
  /// The study's name.
  public let id: String
  /// The version of the dictionary, a short word.
  public let version: String
  /// The names of the few fields that the engine treats apart.
  public let roles: Roles
  /// Ages from this on leave as this age, in years.
  public let pooledAge: Int
  /// The readers whose own readings are kept.
  public let readers: [String]
  /// The reader name of the settled reading, which columns without a reader mean.
  public let consensus: String
  /// Where an entered response is compared with the measurements.
  public let responseChecks: [ResponseCheck]

  /// Field names by role.
  public struct Roles: Codable, Hashable, Sendable {
    /// The hospital's record number.
    public let recordNumber: String
    /// Date of birth.
    public let birthDate: String
    /// Day 0 of every date that leaves.
    public let treatmentStart: String
    /// The register that says which correction of the treatment start the offsets count from.
    public var startRevision: String { treatmentStart + "_revision" }
    /// Age at treatment start, computed.
    public let age: String
    /// The register that links two registrations of one patient.
    public let link: String
    /// Consent withdrawn.
    public let withdrawn: String
    /// Member of the development cohort.
    public let development: String
    /// The column of a pooled file that names the site.
    public let site: String
  }

  /// The columns from which one response category follows.
  public struct ResponseCheck: Codable, Hashable, Sendable {
    /// The entered category.
    public let response: String
    /// The sum of viable diameters at baseline, mm.
    public let baseline: String
    /// The sums before the current one, baseline included, mm.
    public let earlier: [String]
    /// The sum at the assessment, mm.
    public let current: String
    /// Non-target lesions at the assessment.
    public let nontarget: String
    /// A new lesion at the assessment.
    public let newLesion: String
  }
}
