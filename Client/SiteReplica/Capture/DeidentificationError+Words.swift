// SPDX-License-Identifier: Apache-2.0

import Deidentification

extension DeidentificationError {
  /// The field that was refused, where the error names one.
  var field: String? {
    switch self {
    case .identifyingField(let field), .freeText(let field), .calendarDate(let field),
      .unlistedCode(let field), .kindMismatch(let field), .outsideHardLimit(let field),
      .unknownReader(let field):
      field
    case .unknownField, .ageNotPooled, .unknownReason, .nothingToWrite,
      .tooManyWrites:
      nil
    }
  }

  /// Why the change may not leave, in words.
  var words: String {
    let field = field ?? ""
    return switch self {
    case .unknownField: "a field is not in the dictionary"
    case .identifyingField: "\(field) identifies a patient"
    case .freeText: "\(field) is free text"
    case .calendarDate: "\(field) is a calendar date"
    case .unlistedCode: "\(field) has a code that is not listed"
    case .kindMismatch: "\(field) has a value of another kind"
    case .outsideHardLimit: "\(field) would lie outside its limits"
    case .ageNotPooled: "the age is not pooled"
    case .unknownReader: "\(field) has an unknown reader"
    case .unknownReason: "the reason is not a known code"
    case .nothingToWrite: "it writes nothing"
    case .tooManyWrites(let count): "it writes \(count) values at once"
    }
  }
}
