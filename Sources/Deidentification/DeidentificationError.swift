// SPDX-License-Identifier: Apache-2.0

/// Why something may not leave a site; positions count writes from 0 and carry no value.
///
/// A field is named only when the dictionary knows it: an unknown name might be a patient's.
public enum DeidentificationError: Error, Equatable, Sendable {
  /// The dictionary has no such field, or does not collect it in that event.
  case unknownField(position: Int)
  /// The field identifies a patient.
  case identifyingField(String)
  /// Free text has no form on the wire.
  case freeText(field: String)
  /// A calendar date has no form on the wire outside day offsets.
  case calendarDate(field: String)
  /// The code is not one of the field's choices.
  case unlistedCode(field: String)
  /// The value's kind is not the field's type.
  case kindMismatch(field: String)
  /// The value is outside the field's hard limit.
  case outsideHardLimit(field: String)
  /// The age is above the one under which the oldest are pooled.
  case ageNotPooled
  /// The reader is not one of the study's, or the record has no readers.
  case unknownReader(field: String)
  /// The reason is not one of the known codes.
  case unknownReason
  /// A changeset writes nothing.
  case nothingToWrite
  /// A changeset has more writes than one patient's record can hold.
  case tooManyWrites(count: Int)
}
