// SPDX-License-Identifier: Apache-2.0
public import RiskModel

/// Writes reports for people.
public enum ReportHTML {
  /// A validation, and a refit where there is one, as one printable page.
  public static func validation(
    _ report: ValidationReport,
    refit: RefitReport? = nil,
    plan: AnalysisPlan,
    release: ModelRelease,
    subtitle: String
  ) -> String {
    "<!DOCTYPE html><html lang=\"en\"><title>\(subtitle)</title></html>\n"
  }
}
