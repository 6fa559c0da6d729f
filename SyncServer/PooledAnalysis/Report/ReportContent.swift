// SPDX-License-Identifier: Apache-2.0
public import RiskModel

/// Everything that one report is made of.
public struct ReportContent: Sendable {
  /// The validation.
  public var validation: ValidationReport
  /// A refit of the same patients.
  public var refit: RefitReport?
  /// The plan of both.
  public var plan: AnalysisPlan
  /// The release that was validated.
  public var release: ModelRelease
  /// Names the data cut or the file.
  public var subtitle: String
  /// Where data and programs come from.
  public var provenance: ReportProvenance
  /// The study's words, decisions and printed figures; nil for plans of other studies.
  public var study: StudyReportFile?
  /// The published study's printed figures beside the computed ones.
  public var published: PublishedComparison?

  /// Joins the parts.
  ///
  /// - Parameters:
  ///   - validation: The validation.
  ///   - refit: A refit of the same patients.
  ///   - plan: The plan of both.
  ///   - release: The release that was validated.
  ///   - subtitle: Names the data cut or the file.
  ///   - provenance: Where data and programs come from.
  ///   - study: What the study adds.
  ///   - published: The printed figures beside the computed ones.
  public init(
    validation: ValidationReport,
    refit: RefitReport? = nil,
    plan: AnalysisPlan,
    release: ModelRelease,
    subtitle: String,
    provenance: ReportProvenance = ReportProvenance(),
    study: StudyReportFile? = nil,
    published: PublishedComparison? = nil
  ) {
    self.validation = validation
    self.refit = refit
    self.plan = plan
    self.release = release
    self.subtitle = subtitle
    self.provenance = provenance
    self.study = study
    self.published = published
  }
}

/// Where the data and the programs of a report come from.
public struct ReportProvenance: Codable, Hashable, Sendable {
  /// The data cut; nil for a file.
  public var cut: String?
  /// SHA-256 of the cut or the file, in hexadecimal.
  public var dataSHA256: String?
  /// SHA-256 of the plan as it was registered or read, in hexadecimal.
  public var planSHA256: String?
  /// The program's version.
  public var program: String?
  /// Which look at the gate this is.
  public var look: Int?

  private enum CodingKeys: String, CodingKey {
    case cut, program, look
    case dataSHA256 = "data_sha256"
    case planSHA256 = "plan_sha256"
  }

  /// Joins the parts; what is not known stays nil.
  public init(
    cut: String? = nil,
    dataSHA256: String? = nil,
    planSHA256: String? = nil,
    program: String? = nil,
    look: Int? = nil
  ) {
    self.cut = cut
    self.dataSHA256 = dataSHA256
    self.planSHA256 = planSHA256
    self.program = program
    self.look = look
  }
}
