// SPDX-License-Identifier: Apache-2.0

/// Why a statistic could not be computed.
///
/// Payloads carry names and numbers of the design, never a patient's values.
public enum BiostatisticsError: Error, Equatable, Sendable {
  /// Two inputs that describe the same patients differ in length.
  case countsDiffer(expected: Int, found: Int)
  /// There is nobody to compute from.
  case emptyInput
  /// A value is infinite or not a number, at this position of the named input.
  case notFinite(input: String, position: Int)
  /// Two columns of a design bear the same name.
  case duplicateColumn(String)
  /// A fitted model needs a column the new design does not have in this place.
  case columnsDiffer(expected: [String], found: [String])
  /// An outcome is neither 0 nor 1, at this position.
  case outcomeNotBinary(position: Int)
  /// A weight is not a positive number, at this position.
  case weightNotPositive(position: Int)
  /// Nobody had the event.
  case noEvents(count: Int)
  /// Everybody had the event.
  case noNonEvents(count: Int)
  /// These columns are linear combinations of the columns before them.
  case rankDeficient(columns: [String])
  /// These columns separate events from non-events, so that a maximum does not exist.
  case separated(Separation.Kind, columns: [String])
  /// An iteration ended at its limit without reaching its tolerance.
  case notConverged(iterations: Int)
  /// A matrix that has to be positive definite is not.
  case notPositiveDefinite
  /// An option or parameter is outside its range.
  case outOfRange(parameter: String, value: Double)
  /// Fewer groups, studies or patients than the method needs.
  case tooFew(what: String, needed: Int, found: Int)
  /// A count in a table makes the statistic undefined.
  case zeroCell(String)
  /// The statistic has no variance to be divided by.
  case zeroVariance(String)
  /// A distribution function could not be evaluated.
  case distributionFailed(String)
}
