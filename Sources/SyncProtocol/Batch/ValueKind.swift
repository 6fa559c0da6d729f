// SPDX-License-Identifier: Apache-2.0
import Replication

/// The byte that says of what kind a written value is; numbers are never reused.
enum ValueKind: UInt8 {
  case integer = 0
  case decimal = 1
  case code = 2
  case isFalse = 3
  case isTrue = 4
  case day = 5
  case patient = 6
  case notDone = 7
  case notKnown = 8
  case notApplicable = 9
  case retracted = 10
  /// A decimal by its bits, where its place's power of ten does not give the same bits.
  case rawDecimal = 11
  /// The mark of erasure by law.
  case erased = 12

  /// How many kinds there are.
  static let count = 13

  /// The greatest number that a kind of a later version may have.
  static let greatestNumber = 127

  /// The kind of a stated absence.
  init(_ reason: MissingReason) {
    switch reason {
    case .notDone: self = .notDone
    case .notKnown: self = .notKnown
    case .notApplicable: self = .notApplicable
    }
  }
}
