// SPDX-License-Identifier: Apache-2.0

/// Who was left out of an analysis, and why.
///
/// patients = withdrawn + competing + missing outcome + missing predictor + complete; each patient
/// counts once, at the first reason in this order.
public struct EligibilityFlow: Codable, Hashable, Sendable {
  /// Patients of the cut or the file.
  public var patients = 0
  /// Rows of a file that were refused on reading; not among the patients.
  public var refusedRows = 0
  /// Consent withdrawn: not analysed at all.
  public var withdrawn = 0
  /// The outcome made impossible by something else; analysed as worst and best case.
  public var competing = 0
  /// The outcome not known.
  public var missingOutcome = 0
  /// The outcome known, a predictor not.
  public var missingPredictor = 0
  /// Missing predictors by column, among patients not withdrawn; one patient may miss several.
  public var missingByPredictor: [String: Int] = [:]
  /// Analysed patients.
  public var complete = 0
  /// Analysed patients of the published development cohort.
  public var completeDevelopment = 0
  /// Patients not withdrawn with at least one unresolved conflict.
  public var conflicts = 0
  /// Analysed patients with at least one unresolved conflict; provisional values were used.
  public var completeWithConflict = 0
  /// Patients not withdrawn with a value ever in conflict, resolved or not; nil where no history is
  /// known.
  public var everInConflict: Int?
  /// Analysed patients with a value ever in conflict; nil where no history is known.
  public var completeEverInConflict: Int?
  /// Patients not withdrawn with a value left out as impossible.
  public var implausible = 0

  private enum CodingKeys: String, CodingKey {
    case patients, withdrawn, competing, complete, conflicts, implausible
    case refusedRows = "refused_rows"
    case missingOutcome = "missing_outcome"
    case missingPredictor = "missing_predictor"
    case missingByPredictor = "missing_by_predictor"
    case completeDevelopment = "complete_development"
    case completeWithConflict = "complete_with_conflict"
    case everInConflict = "ever_in_conflict"
    case completeEverInConflict = "complete_ever_in_conflict"
  }
}
