// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Registry

/// Says faults of a study's files in sentences.
enum StudyFailureText {
  static func describe(_ error: RegistryError) -> CommandFailure {
    switch error {
    case .studyFileMissing(let name):
      failure("The study lacks a file", to: name)
    case .studyFileMalformed(let name, let row):
      failure("A file of the study cannot be read", to: "\(name), row \(row)")
    case .studyFileInvalid(let name, let row, let column):
      failure("A file of the study holds what it may not", to: "\(name), row \(row), \(column)")
    case .unknownColumn(let name, let row, let column):
      failure(
        "A file of the study names a column that there is not",
        to: "\(name), row \(row), \(column)"
      )
    }
  }

  private static func failure(_ what: String, to place: String) -> CommandFailure {
    CommandFailure(
      .refused,
      what: what,
      to: place,
      todo: "Check the folder given with --study or LOBULE_STUDY"
    )
  }
}
