// SPDX-License-Identifier: Apache-2.0

/// The numbers of a report as one JSON document.
public struct ReportDocument: Encodable, Sendable {
  /// Where the data and the programs come from.
  public let provenance: ReportProvenance
  /// The validation.
  public let validation: ValidationReport
  /// The refit.
  public let refit: RefitReport?
  /// What the figures draw beyond these.
  public let figures: ReportFigures
  /// The publication beside the computed figures.
  public let published: PublishedComparison?

  /// Takes the numbers of a report.
  public init(_ content: ReportContent) {
    provenance = content.provenance
    validation = content.validation
    refit = content.refit
    figures = ReportFigures(content)
    published = content.published
  }
}
