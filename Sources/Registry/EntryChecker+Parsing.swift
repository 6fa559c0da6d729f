// SPDX-License-Identifier: Apache-2.0

import Replication

extension EntryChecker {
  /// Reads one typed value by its field's type; limits are checked by `check`.
  ///
  /// `not_done`, `not_known` and `not_applicable` are missing values with their reason, except in
  /// identifying fields. Blanks around the text are dropped.
  ///
  /// - Throws: `EntryProblem`; its message never holds the text.
  public func parse(
    _ text: String,
    field: FieldDefinition
  ) throws(EntryProblem) -> EnteredValue {
    let text = Self.trimmed(text)
    guard !text.isEmpty else {
      throw EntryProblem(
        code: .notText,
        message: "\(field.name) is blank; enter a value, or not_done, not_known or "
          + "not_applicable."
      )
    }
    if !field.isIdentifying, let reason = MissingReason(rawValue: text) { return .missing(reason) }
    switch field.type {
    case .text: return .text(try Self.freeText(text, field))
    case .date: return .date(try Self.date(text, field))
    case .integer: return .integer(try Self.integer(text, field))
    case .decimal: return .decimal(try Self.decimal(text, field))
    case .boolean: return .boolean(try Self.boolean(text, field))
    case .choice:
      guard field.choices.contains(text) else {
        throw EntryProblem(
          code: .notAChoice,
          message: "\(field.name) has a code that is not known; enter one of "
            + field.choices.joined(separator: ", ") + "."
        )
      }
      return .code(text)
    }
  }

  static func trimmed(_ text: String) -> String {
    guard let first = text.utf8.first, let last = text.utf8.last else { return text }
    if first > 0x20, last > 0x20 { return text }
    var rest = Substring(text)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }

  private static let textLimit = 4096

  private static func freeText(
    _ text: String,
    _ field: FieldDefinition
  ) throws(EntryProblem) -> String {
    let isClean = text.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\r" || $0 == "\t"
    }
    guard isClean, text.utf8.count <= textLimit else {
      throw EntryProblem(
        code: .notText,
        message: "\(field.name) has control characters or more than \(textLimit) bytes; "
          + "shorten or clean it."
      )
    }
    return text
  }

  private static func date(
    _ text: String,
    _ field: FieldDefinition
  ) throws(EntryProblem) -> CalendarDate {
    if let date = CalendarDate(iso: text), (1850...2199).contains(date.year) { return date }
    let isAmbiguous = text.utf8.contains { $0 == 0x2F || $0 == 0x2E }
    throw EntryProblem(
      code: .notADate,
      message: isAmbiguous
        ? "\(field.name) is written with / or ., where day and month are ambiguous; "
          + "write it as year-month-day, such as 2024-03-31."
        : "\(field.name) is not an existing date; "
          + "write it as year-month-day, such as 2024-03-31."
    )
  }

  private static func integer(
    _ text: String,
    _ field: FieldDefinition
  ) throws(EntryProblem) -> Int64 {
    guard let number = NumberText.integer(text) else {
      throw EntryProblem(
        code: .notANumber,
        message: "\(field.name) is not a whole number; write digits only."
      )
    }
    return number
  }

  private static func decimal(
    _ text: String,
    _ field: FieldDefinition
  ) throws(EntryProblem) -> Double {
    if let number = NumberText.decimal(text) { return number == 0 ? 0 : number }
    throw EntryProblem(
      code: .notANumber,
      message: text.utf8.contains(0x2C)
        ? "\(field.name) has a comma; write a decimal point and no thousands mark."
        : "\(field.name) is not a number; write digits with a decimal point, without a unit."
    )
  }

  private static func boolean(
    _ text: String,
    _ field: FieldDefinition
  ) throws(EntryProblem) -> Bool {
    switch text.lowercased() {
    case "1", "yes", "true": return true
    case "0", "no", "false": return false
    default:
      throw EntryProblem(
        code: .notABoolean,
        message: "\(field.name) is neither yes nor no; write 1 or 0."
      )
    }
  }
}
