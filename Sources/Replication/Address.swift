// SPDX-License-Identifier: Apache-2.0

/// The place of one row of values: a patient, an event, a reader.
///
/// Two devices of a hospital that record the same reading meet at the same address.
public struct RowAddress: Hashable, Comparable, Sendable, Codable {
  /// The patient.
  public let patient: PatientID
  /// The event, or empty when the fields have none.
  public let event: String
  /// The reader, `consensus` for the settled reading, or empty for records without readers.
  public let reader: String

  /// Makes a row address.
  public init(patient: PatientID, event: String, reader: String) {
    self.patient = patient
    self.event = event
    self.reader = reader
  }

  /// Orders rows by patient, event, reader.
  public static func < (left: Self, right: Self) -> Bool {
    if left.patient != right.patient { return left.patient < right.patient }
    if left.event != right.event { return left.event < right.event }
    return left.reader < right.reader
  }
}

/// The place of one value: a row and a field in it.
public struct Address: Hashable, Comparable, Sendable, Codable {
  /// The row.
  public let row: RowAddress
  /// The field's name.
  public let field: String

  /// Makes an address in a row.
  public init(row: RowAddress, field: String) {
    self.row = row
    self.field = field
  }

  /// Makes an address from its four parts.
  public init(patient: PatientID, event: String, reader: String, field: String) {
    self.init(row: RowAddress(patient: patient, event: event, reader: reader), field: field)
  }

  /// Orders addresses by row, then field.
  public static func < (left: Self, right: Self) -> Bool {
    left.row != right.row ? left.row < right.row : left.field < right.field
  }
}
