// SPDX-License-Identifier: Apache-2.0

/// Why there is no value where one could be.
public enum MissingReason: String, Sendable, Hashable, Codable, CaseIterable {
  /// The examination or question was not done.
  case notDone = "not_done"
  /// It was done or happened, and nobody knows the answer.
  case notKnown = "not_known"
  /// It makes no sense for this patient.
  case notApplicable = "not_applicable"
}

/// What a field can hold once it may leave the site.
public enum Value: Sendable {
  /// A whole number in the field's unit.
  case integer(Int64)
  /// A finite number in the field's unit; equal only when every bit is.
  case decimal(Double)
  /// A choice of the dictionary.
  case code(String)
  /// Yes or no.
  case boolean(Bool)
  /// Whole days from the patient's treatment start, negative before it.
  case day(Int32)
  /// A link to another patient's id, used by `same_as`.
  case patient(PatientID)
  /// A stated absence.
  case missing(MissingReason)
  /// An earlier value was entered in error and nothing takes its place.
  case retracted
  /// The mark of erasure by law: nothing of the row's patient is kept or taken in again.
  case erased
}

extension Value: Hashable {
  /// Compares values; decimals by their bits, so that 0 and −0 differ and no value is unequal
  /// to itself.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.integer(let first), .integer(let second)): first == second
    case (.decimal(let first), .decimal(let second)): first.bitPattern == second.bitPattern
    case (.code(let first), .code(let second)): first == second
    case (.boolean(let first), .boolean(let second)): first == second
    case (.day(let first), .day(let second)): first == second
    case (.patient(let first), .patient(let second)): first == second
    case (.missing(let first), .missing(let second)): first == second
    case (.retracted, .retracted), (.erased, .erased): true
    default: false
    }
  }

  /// Feeds the kind and the value to a hasher.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .integer(let number):
      hasher.combine(0)
      hasher.combine(number)
    case .decimal(let number):
      hasher.combine(1)
      hasher.combine(number.bitPattern)
    case .code(let code):
      hasher.combine(2)
      hasher.combine(code)
    case .boolean(let isTrue):
      hasher.combine(3)
      hasher.combine(isTrue)
    case .day(let day):
      hasher.combine(4)
      hasher.combine(day)
    case .patient(let patient):
      hasher.combine(5)
      hasher.combine(patient)
    case .missing(let reason):
      hasher.combine(6)
      hasher.combine(reason)
    case .retracted: hasher.combine(7)
    case .erased: hasher.combine(8)
    }
  }
}
