// SPDX-License-Identifier: Apache-2.0

public import Replication

/// What a person entered, before de-identification.
public enum EnteredValue: Hashable, Sendable {
  /// A whole number in the field's unit.
  case integer(Int64)
  /// A number in the field's unit.
  case decimal(Double)
  /// One of the field's choices.
  case code(String)
  /// Yes or no.
  case boolean(Bool)
  /// A calendar date; leaves only as a day offset, or never.
  case date(CalendarDate)
  /// Free text; never leaves.
  case text(String)
  /// Known to be missing, with the reason.
  case missing(MissingReason)
}

extension EnteredValue {
  /// The value as analyses see it, dates as days from `start`.
  ///
  /// Nothing for text, and for a date while the start is not known.
  package func analysed(from start: CalendarDate?) -> Value? {
    switch self {
    case .integer(let number): .integer(number)
    case .decimal(let number): .decimal(number)
    case .code(let code): .code(code)
    case .boolean(let flag): .boolean(flag)
    case .missing(let reason): .missing(reason)
    case .date(let date): start.flatMap { Int32(exactly: date.days(since: $0)) }.map(Value.day)
    case .text: nil
    }
  }
}

/// One field of one patient as entered.
public struct EnteredWrite: Hashable, Sendable {
  /// The field's event, empty when it has none.
  public let event: String
  /// The reader of a reading (`consensus` for the settled one), empty for other records.
  public let reader: String
  /// The field's name.
  public let field: String
  /// What was entered.
  public let value: EnteredValue

  /// Makes a write.
  public init(event: String, reader: String, field: String, value: EnteredValue) {
    self.event = event
    self.reader = reader
    self.field = field
    self.value = value
  }
}

/// A hospital's record number: identifies a patient and never leaves the site.
///
/// It does not print itself, so that it cannot slip into a message or a log.
public struct PatientKey: Hashable, Sendable, CustomStringConvertible {
  /// The number as the hospital writes it, without surrounding blanks.
  public let text: String

  /// Accepts 1 to 64 characters without control characters; blanks around them are dropped.
  public init?(_ text: String) {
    var trimmed = Substring(text)
    while let first = trimmed.first, first.isWhitespace { trimmed.removeFirst() }
    while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
    guard !trimmed.isEmpty, trimmed.count <= 64,
      trimmed.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    else { return nil }
    self.text = String(trimmed)
  }

  /// A constant, whatever the number.
  public var description: String { "(record number)" }
}
