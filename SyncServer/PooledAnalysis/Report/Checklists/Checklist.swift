// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A reporting checklist, as data: what each item asks, where the report answers it, and which
/// facts of the report must hold.
struct Checklist: Codable, Sendable {
  /// What it is called.
  let name: String
  /// Where it is published.
  let source: String
  /// What the table of items says, in English.
  let note: String
  /// The items.
  let items: [Item]

  /// One item.
  struct Item: Codable, Sendable {
    /// Its number, or its domain.
    let item: String
    /// What it asks, in our words.
    let asks: String
    /// Sections of the report.
    let sections: [String]
    /// What must hold for it to be answered.
    let facts: [ReportFact]
    /// Whether only the authors can write it, whatever the report holds.
    let authors: Bool?
  }

  /// The embedded checklists; one that cannot be read is absent, which a test excludes.
  static let all: [Checklist] = [
    PackageResources.tripod_ai_json, PackageResources.tripod_cluster_json,
    PackageResources.probast_ai_json,
  ].compactMap { try? JSONDecoder().decode(Checklist.self, from: Data($0)) }
}

extension Checklist.Item {
  /// Where an item stands.
  enum Status: String, Codable, Sendable {
    case reported, partial, missing, authors
  }

  /// Where the item stands in a report, and what is missing.
  func answer(in content: ReportContent) -> (status: Status, missing: [ReportFact]) {
    let missing = facts.filter { !$0.holds(in: content) }
    if authors == true { return (.authors, missing) }
    if missing.isEmpty { return (.reported, []) }
    return (missing.count < facts.count ? .partial : .missing, missing)
  }

  /// The sections that this report has.
  func shownSections(in content: ReportContent) -> [any ReportSection] {
    sections.compactMap(ReportSections.section).filter { $0.isShown(content) }
  }
}
