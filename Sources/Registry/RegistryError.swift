// SPDX-License-Identifier: Apache-2.0

/// Why a study could not be read.
public enum RegistryError: Error, Equatable, Sendable {
  /// A file of the study is not there or cannot be read.
  case studyFileMissing(name: String)
  /// A file of the study is not well-formed CSV or JSON; rows count from 1 after the header.
  case studyFileMalformed(name: String, row: Int)
  /// A row of a study file holds something that its column does not allow.
  case studyFileInvalid(name: String, row: Int, column: String)
  /// A formula or rule names a column that the dictionary does not have.
  case unknownColumn(name: String, row: Int, column: String)
}
