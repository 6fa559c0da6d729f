// SPDX-License-Identifier: Apache-2.0

public import Registry
public import Replication

/// Values as people read and type them.
public enum ValueText {
  /// A value without its patient: dates as days from treatment start.
  public static func plain(_ value: Value) -> String {
    switch value {
    case .integer(let number): String(number)
    case .decimal(let number): text(number)
    case .code(let code): code
    case .boolean(let flag): flag ? "1" : "0"
    case .day(let day): "day \(day)"
    case .patient(let patient): patient.description
    case .missing(let reason): reason.rawValue
    case .retracted: "retracted"
    case .erased: "erased"
    }
  }

  /// A value of a patient whose day 0 is known: dates as calendar dates.
  public static func text(_ value: Value, from start: CalendarDate?) -> String {
    if case .day(let day) = value, let date = start?.adding(days: Int(day)) { return date.iso }
    return plain(value)
  }

  /// An identity value.
  public static func text(_ value: EnteredValue) -> String {
    switch value {
    case .integer(let number): String(number)
    case .decimal(let number): text(number)
    case .code(let code): code
    case .boolean(let flag): flag ? "1" : "0"
    case .date(let date): date.iso
    case .text(let text): text
    case .missing(let reason): reason.rawValue
    }
  }

  /// The shortest text that reads back as the same number, whole numbers without a point.
  public static func text(_ number: Double) -> String {
    let text = String(number)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
