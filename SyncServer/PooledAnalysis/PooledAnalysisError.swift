// SPDX-License-Identifier: Apache-2.0

/// Why an analysis could not be done.
///
/// Payloads carry names and counts, never a patient's values.
public enum PooledAnalysisError: Error, Equatable, Sendable {
  /// The plan is not JSON of the documented shape; the place is named.
  case malformedPlan(String)
  /// A part of the plan does not fit the others; the key is named.
  case planInconsistent(String)
  /// A quote or a line end of the file is not CSV's; row 0 is the header.
  case malformedCSV(row: Int)
  /// The file is not text in UTF-8.
  case notUTF8
  /// The file is larger than what is read.
  case fileTooLarge(limitMiB: Int)
  /// The file has more rows than are read.
  case tooManyRows(Int)
  /// The file has a header and nothing else, or nothing at all.
  case noRows
  /// The header holds no comma, but this other separator.
  case otherSeparator(String)
  /// Two columns have this name.
  case columnRepeated(String)
  /// A row has another number of cells than the header.
  case rowLength(row: Int, expected: Int, found: Int)
  /// A number is written with a comma for its point.
  case decimalComma(column: String, row: Int)
  /// A predictor holds text that is neither a number nor one of a few codes.
  case notNumeric(column: String, row: Int)
  /// A predictor of codes has one code only.
  case oneLevel(column: String)
  /// The outcome's cells are neither 0 and 1 nor yes and no.
  case outcomeNotUnderstood(column: String, cells: Int)
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
