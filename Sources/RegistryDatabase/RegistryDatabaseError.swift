// SPDX-License-Identifier: Apache-2.0
import GRDB
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
public import Replication

/// Why the database could not be opened or would not take a change.
public enum RegistryDatabaseError: Error, Hashable, Sendable {
  /// Another process holds the write lock, for longer than the bound.
  case inUse
  /// The file or its folder could not be made or opened; the number is the system's error.
  case cannotOpen(path: String, code: Int32)
  /// The file was written by a newer version of the program.
  case newerVersion
  /// A setting that durability rests on did not take effect.
  case settingNotInEffect(name: String)
  /// SQLite reported an error while opening or migrating; the number is its extended code.
  case database(code: Int32)
  /// A packed row of heads is broken.
  case brokenRow(RowAddress)
  /// A stored number, hash or identifier is broken.
  case brokenLog
  /// An own changeset or batch does not follow the last one: this dot was expected.
  case outOfSequence(expected: Dot)
  /// An own changeset's context names what is not applied here.
  case contextNotPresent(Dot)
  /// A batch of another site was offered.
  case scopeDiffers
}

extension RegistryDatabaseError {
  /// What the system or SQLite says, for a sentence to people.
  package var reason: String {
    switch self {
    case .cannotOpen(let path, let code): "\(path): \(String(cString: strerror(code)))"
    case .database(let code): "SQLite \(ResultCode(rawValue: code))"
    default: String(describing: self)
    }
  }
}
