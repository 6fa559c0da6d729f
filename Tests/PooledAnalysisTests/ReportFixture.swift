// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import RiskModel

@testable import PooledAnalysis

/// Reports of practice hospitals.
enum ReportFixture {
  static func study() throws -> StudyReportFile {
    try StudyReportFile.decode(Data(Practice.study.get().reportBytes))
  }

  /// The report of some hospitals, with a refit.
  static func network(
    _ names: [String],
    plan change: (inout [String: Any]) -> Void = { _ in }
  ) throws -> ReportContent {
    try content(Practice.rows(names), plan: Practice.plan(change), subtitle: "Data cut 1")
  }

  static func content(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    subtitle: String
  ) throws -> ReportContent {
    let release = try Practice.release()
    let study = try study()
    return ReportContent(
      validation: try ModelValidation.validate(rows, release: release, plan: plan),
      refit: try ModelRefit.refit(rows, plan: plan, incumbent: release),
      plan: plan,
      release: release,
      subtitle: subtitle,
      provenance: ReportProvenance(
        cut: "1",
        dataSHA256: "data-hash",
        planSHA256: "plan-hash",
        program: "lobule-center test",
        look: 1
      ),
      study: study,
      published: study.published.flatMap { .measure(rows, plan: plan, tables: $0) }
    )
  }
}
