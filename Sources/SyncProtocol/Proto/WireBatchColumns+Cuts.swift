// SPDX-License-Identifier: Apache-2.0
import Foundation

extension WireBatchColumns {
  /// A plane of so many bytes is worth a block of its own.
  private static let blockBytes = 400

  /// Where the compressor should start a block: before and after each large plane and the ids.
  ///
  /// The planes and the patients' ids are the last fields of the message, each behind a tag of one
  /// byte and its length.
  func cuts(_ encoded: Data) -> [Int] {
    var sizes = planes.map(\.count)
    if !patients.isEmpty { sizes.append(patients.count) }
    var end = encoded.count
    var cuts: Set<Int> = []
    for size in sizes.reversed() {
      if size >= Self.blockBytes {
        cuts.insert(end - size)
        cuts.insert(end)
      }
      end -= size + 1 + (64 - size.leadingZeroBitCount + 6) / 7
    }
    return cuts.filter { $0 > 0 && $0 < encoded.count }.sorted()
  }
}
