// SPDX-License-Identifier: Apache-2.0

/// One accepted row of an imported file.
public struct ImportRow: Hashable, Sendable {
  /// The data row, from 1.
  public let row: Int
  /// The patient's record number.
  public let mrn: PatientKey
  /// Identifying fields by name, the record number excluded; they go to the vault alone.
  public let identity: [String: EnteredValue]
  /// The clinical fields.
  public let writes: [EnteredWrite]

  /// An identifying date; nothing when the row does not give it.
  public func date(_ field: String) -> CalendarDate? {
    guard case .date(let date) = identity[field] else { return nil }
    return date
  }
}

/// A hospital's file, read and checked.
public struct ImportFile: Hashable, Sendable {
  /// The accepted rows in the file's order; a row with a refusal is not among them.
  public let rows: [ImportRow]
  /// The numbers of the refused rows; all rows when the header or the file is at fault.
  public let refusedRows: Set<Int>
  /// Every fault, by row and column.
  public let problems: [Problem]

  /// Whether nothing is refused; warnings may remain.
  public var isAccepted: Bool { !problems.contains { !$0.isWarning } }

  /// The most bytes that are read.
  public static let byteLimit = 64 << 20
  /// The most data rows that are read.
  public static let rowLimit = 200_000
  /// The most columns that are read.
  public static let columnLimit = 500
  /// The most problems that are listed.
  public static let problemLimit = 10_000

  /// Reads a file: one row a patient, or one row a patient, event and reader.
  ///
  /// With columns `event` or `reader` (or REDCap's `redcap_event_name` and
  /// `redcap_repeat_instance`) a row is one of several of its patient, and identity may stand in
  /// any of them. Blank cells are not given. Never throws: every fault is a problem.
  public static func read(_ bytes: [UInt8], study: Study) -> ImportFile {
    var reader = ImportReader(study: study)
    reader.read(bytes)
    return reader.finish()
  }
}
