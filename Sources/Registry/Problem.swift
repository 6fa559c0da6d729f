// SPDX-License-Identifier: Apache-2.0

/// One fault of an entry or an imported file.
///
/// Messages are shown to the hospital's own staff. They quote a number of at most eight characters
/// from a numeric clinical field, because a conversion cannot be offered without it; they quote no
/// date, no text, no unlisted code and nothing from an identifying field.
public struct Problem: Codable, Hashable, Sendable {
  /// The data row, from 1; 0 for the header or the whole file.
  public let row: Int
  /// The column, empty for a whole row or file.
  public let column: String
  /// The kind of fault, as in `ProblemCode`.
  public let code: String
  /// What happened, to what, and what to do.
  public let message: String
  /// Whether the entry is accepted when confirmed.
  public let isWarning: Bool

  /// Makes a problem.
  public init(row: Int, column: String, code: String, message: String, isWarning: Bool) {
    self.row = row
    self.column = column
    self.code = code
    self.message = message
    self.isWarning = isWarning
  }
}

/// The kinds of fault found in entries and imported files.
public enum ProblemCode: String, Sendable, CaseIterable {
  /// The file is not RFC 4180 text of equally long rows.
  case malformedCSV = "malformed_csv"
  /// The file is not UTF-8.
  case notUTF8 = "not_utf8"
  /// The file has more bytes, rows, columns or problems than are read.
  case tooLarge = "too_large"
  /// The study has no such column.
  case unknownColumn = "unknown_column"
  /// A column stands twice in the header.
  case duplicateColumn = "duplicate_column"
  /// A column that every file needs is not there.
  case missingColumn = "missing_column"
  /// A number was expected.
  case notANumber = "not_a_number"
  /// The code is not one of the field's choices.
  case notAChoice = "not_a_choice"
  /// Yes or no was expected.
  case notABoolean = "not_a_boolean"
  /// An existing ISO date was expected.
  case notADate = "not_a_date"
  /// The text is too long or holds control characters.
  case notText = "not_text"
  /// The value is impossible.
  case outsideHardLimit = "outside_hard_limit"
  /// The value is unusual and accepted when confirmed.
  case outsideSoftLimit = "outside_soft_limit"
  /// The value looks like another unit's.
  case wrongUnit = "wrong_unit"
  /// The date lies before treatment start, where it cannot.
  case beforeTreatmentStart = "before_treatment_start"
  /// The patient stands twice in the file.
  case duplicatePatient = "duplicate_patient"
  /// Two rows give one field different values.
  case duplicateValue = "duplicate_value"
  /// The row has no record number.
  case missingRecordNumber = "missing_mrn"
  /// The row has no treatment start.
  case missingTreatmentStart = "missing_treatment_start"
  /// The field is not collected in the row's event.
  case wrongEvent = "wrong_event"
  /// The reader is not one of the study's.
  case unknownReader = "unknown_reader"
  /// Fields of the patient contradict one another.
  case crossField = "cross_field"
  /// The entered response is not what the measurements give.
  case responseDiffers = "response_differs"
}

/// Why one typed value was not accepted.
public struct EntryProblem: Error, Hashable, Sendable {
  /// The kind of fault.
  public let code: ProblemCode
  /// What happened, to what, and what to do.
  public let message: String

  /// Makes a refusal of one value.
  public init(code: ProblemCode, message: String) {
    self.code = code
    self.message = message
  }
}

extension Problem {
  package init(
    row: Int,
    column: String,
    _ code: ProblemCode,
    _ message: String,
    isWarning: Bool = false
  ) {
    self.init(
      row: row,
      column: column,
      code: code.rawValue,
      message: message,
      isWarning: isWarning
    )
  }
}
