// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How far a write-ahead log had come at a moment: where a power failure can cut it.
struct LogMark: Sendable {
  private let size: Int
  private let salt: Data

  /// Looks at the log of a database file.
  init(of path: String) {
    let log = FileHandle(forReadingAtPath: path + "-wal")
    defer { try? log?.close() }
    let header = (try? log?.read(upToCount: 24)) ?? Data()
    salt = header.count == 24 ? Data(header.suffix(8)) : Data()
    size = Int((try? log?.seekToEnd()) ?? 0)
  }

  /// A place in the log between two moments; nil when the log was begun anew in between.
  func cut(before end: LogMark, using generator: inout some RandomNumberGenerator) -> Int? {
    guard end.size > size, size == 0 || salt == end.salt else { return nil }
    return Int.random(in: size...end.size, using: &generator)
  }
}
