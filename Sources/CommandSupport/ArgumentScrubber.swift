// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Hides the arguments of this process from the process list.
///
/// Record numbers and values may be typed as arguments, and every user of the machine can read
/// those. The Swift runtime hands out a copy, so the original block is found through
/// `/proc/self/stat`. A moment remains between the start and the scrubbing: commands therefore
/// accept `-` and read what is sensitive from standard input.
public enum ArgumentScrubber {
  /// Overwrites every argument after the program's name with zeros.
  ///
  /// - Returns: Whether the block was found and overwritten.
  @discardableResult
  public static func scrub() -> Bool {
    guard let bounds = argumentBlock(), bounds.count > 0, bounds.count < 1 << 26,
      let block = UnsafeMutablePointer<UInt8>(bitPattern: UInt(bounds.lowerBound))
    else { return false }
    // The block belongs to the kernel's set-up of this process and lives as long as it does.
    var index = 0
    while index < bounds.count, block[index] != 0 { index += 1 }
    while index < bounds.count {
      block[index] = 0
      index += 1
    }
    return true
  }

  /// Where the kernel put the arguments: `arg_start` and `arg_end`, fields 48 and 49.
  private static func argumentBlock() -> Range<UInt64>? {
    guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let close = stat.lastIndex(of: ")")
    else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    // The first field after the command's name is field 3.
    guard fields.count > 46, let start = UInt64(fields[45]), let end = UInt64(fields[46].trimmed),
      start > 0, end > start
    else { return nil }
    return start..<end
  }
}

extension Substring {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
