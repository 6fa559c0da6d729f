// SPDX-License-Identifier: Apache-2.0

/// What a field holds.
public enum FieldType: String, Hashable, Sendable, CaseIterable {
  /// Free text; never leaves a site.
  case text
  /// A calendar date; leaves as a day offset or never.
  case date
  /// A whole number.
  case integer
  /// A number.
  case decimal
  /// One code of a list.
  case choice
  /// Yes or no.
  case boolean
}

/// Whether and how a field leaves a site.
public enum Disclosure: String, Hashable, Sendable, CaseIterable {
  /// Stays in the vault.
  case never = "no"
  /// Leaves as it is.
  case asIs = "yes"
  /// Leaves as whole days from treatment start.
  case asDayOffset = "as day offset"
}

/// One row of the data dictionary.
public struct FieldDefinition: Hashable, Sendable {
  /// The field's name, unique within an event.
  public let name: String
  /// The record that the field belongs to.
  public let record: String
  /// The events in which the field is collected; one empty string when it has none.
  public let events: [String]
  /// What the field holds.
  public let type: FieldType
  /// The UCUM unit, `1` for ratios, empty where there is none.
  public let unit: String
  /// Values outside are refused; in the field's unit, dates in days from treatment start.
  public let hard: ClosedRange<Double>?
  /// Values outside are accepted when confirmed; in the field's unit, dates in days.
  public let soft: ClosedRange<Double>?
  /// The codes of a choice, in order; empty for other types.
  public let choices: [String]
  /// Whether and how the field leaves a site.
  public let disclosure: Disclosure
  /// The label for people.
  public let label: String

  /// Whether the field identifies a patient and lives in the vault alone.
  public var isIdentifying: Bool { record == "identity" || disclosure == .never }

  /// Whether each reader of an MRI has a value of their own.
  public var hasReaders: Bool { record == "reading" }
}
