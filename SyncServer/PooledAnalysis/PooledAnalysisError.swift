// SPDX-License-Identifier: Apache-2.0

/// Why an analysis could not be done.
///
/// Payloads carry names and counts, never a patient's values.
public enum PooledAnalysisError: Error, Equatable, Sendable {
  /// The plan is not JSON of the documented shape; the place is named.
  case malformedPlan(String)
  /// A part of the plan does not fit the others; the key is named.
  case planInconsistent(String)
  /// The file is not CSV in UTF-8, or exceeds a limit; row 0 is the header.
  case malformedCSV(row: Int)
  /// The header lacks what the plan needs.
  case columnsMissing([String])
  /// Every row of the file was refused.
  case allRowsRefused(count: Int)
  /// No patient has predictors and outcome.
  case noCompleteRows
  /// All complete patients have the outcome, or none has.
  case oneOutcomeOnly(n: Int, events: Int)
  /// No model of the refit could be fitted.
  case nothingFitted
  /// A statistic failed; the fact is named.
  case statisticFailed(String)
}
