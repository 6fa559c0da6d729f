// SPDX-License-Identifier: Apache-2.0

/// A part of the report under a heading of its own.
protocol ReportSection: Sendable {
  /// Names the section in links and checklists.
  var id: String { get }
  /// The heading, in English.
  var title: String { get }
  /// Whether there is anything to show.
  func isShown(_ content: ReportContent) -> Bool
  /// Writes what stands below the heading.
  func write(to page: inout ReportPage)
}

extension ReportSection {
  func isShown(_ content: ReportContent) -> Bool { true }
}

/// The sections in the order of the page.
enum ReportSections {
  static let all: [any ReportSection] = [
    SummarySection(), UseSection(), FlowSection(), MissingnessSection(), PerformanceSection(),
    SitesSection(),
    PooledSection(), SubgroupSection(), AcquisitionSection(), ReadersSection(), SurvivalSection(),
    SensitivitySection(), ModelSection(),
    RefitSection(), CrossValidationSection(), UpdateSection(), StabilitySection(),
    ScreeningSection(), GateSection(), PublishedSection(), SourceSection(), ConductSection(),
    ChecklistSection(), ProvenanceSection(),
  ]

  /// A section by its id.
  static func section(_ id: String) -> (any ReportSection)? { all.first { $0.id == id } }
}
