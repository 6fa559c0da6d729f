// SPDX-License-Identifier: Apache-2.0

/// Positions of scores in ascending order.
package enum ScoreOrder {
  /// The positions, by a radix sort of the scores' bits for many scores; O(n).
  ///
  /// Equal scores keep their order; −0 and 0 are equal.
  package static func ascending(_ scores: [Double]) -> [Int32] {
    guard scores.count <= Int(Int32.max) else { preconditionFailure("more than 2³¹ scores") }
    guard scores.count > 256 else {
      return scores.indices.map { Int32($0) }.sorted {
        let (left, right) = (scores[Int($0)], scores[Int($1)])
        return left < right || (left == right && $0 < $1)
      }
    }
    return radix(scores)
  }

  /// The sorted bits of the scores of patients with and without the event.
  static func sortedKeys(
    _ scores: [Double],
    outcomes: [Bool]
  ) -> (cases: [UInt64], controls: [UInt64]) {
    var cases: [UInt64] = []
    var controls: [UInt64] = []
    cases.reserveCapacity(scores.count)
    controls.reserveCapacity(scores.count)
    for row in scores.indices {
      let key = Self.key(scores[row])
      if outcomes[row] { cases.append(key) } else { controls.append(key) }
    }
    sortKeys(&cases)
    sortKeys(&controls)
    return (cases, controls)
  }

  private static func sortKeys(_ keys: inout [UInt64]) {
    guard keys.count > 256 else { return keys.sort() }
    let count = keys.count
    var histograms = [Int](repeating: 0, count: 6 * 2048)
    var other = [UInt64](repeating: 0, count: count)
    keys.withUnsafeMutableBufferPointer { keys in
      other.withUnsafeMutableBufferPointer { other in
        histograms.withUnsafeMutableBufferPointer { histograms in
          for key in keys {
            for digit in 0..<6 {
              histograms[digit * 2048 + Int((key >> UInt64(11 * digit)) & 2047)] += 1
            }
          }
          var (source, target) = (keys, other)
          for digit in 0..<6 {
            let part = UnsafeMutableBufferPointer(
              rebasing: histograms[digit * 2048..<(digit + 1) * 2048]
            )
            guard starts(part, count: count) else { continue }
            let shift = UInt64(11 * digit)
            for key in source {
              let bucket = Int((key >> shift) & 2047)
              target[part[bucket]] = key
              part[bucket] += 1
            }
            swap(&source, &target)
          }
          if source.baseAddress != keys.baseAddress {
            _ = keys.update(fromContentsOf: source)
          }
        }
      }
    }
  }

  /// Turns counts into first positions; false when one bucket has all.
  private static func starts(
    _ histogram: UnsafeMutableBufferPointer<Int>,
    count: Int
  ) -> Bool {
    var start = 0
    for bucket in histogram.indices {
      let size = histogram[bucket]
      if size == count { return false }
      histogram[bucket] = start
      start += size
    }
    return true
  }

  private struct Entry {
    var key: UInt64
    var position: Int32
  }

  /// Eleven bits at a time, from the lowest; digits that all scores share are passed over.
  private static func radix(_ scores: [Double]) -> [Int32] {
    let count = scores.count
    let buckets = 2048
    var histograms = [Int](repeating: 0, count: 6 * buckets)
    let first = UnsafeMutableBufferPointer<Entry>.allocate(capacity: count)
    let second = UnsafeMutableBufferPointer<Entry>.allocate(capacity: count)
    defer {
      first.deallocate()
      second.deallocate()
    }
    histograms.withUnsafeMutableBufferPointer { histograms in
      for position in 0..<count {
        let key = Self.key(scores[position])
        first.initializeElement(at: position, to: Entry(key: key, position: Int32(position)))
        for digit in 0..<6 {
          histograms[digit * buckets + Int((key >> UInt64(11 * digit)) & 2047)] += 1
        }
      }
    }
    var (source, target) = (first, second)
    for digit in 0..<6 {
      let isMoved = histograms.withUnsafeMutableBufferPointer { histograms in
        scatter(
          source,
          target,
          digit: digit,
          UnsafeMutableBufferPointer(
            rebasing: histograms[digit * buckets..<(digit + 1) * buckets]
          )
        )
      }
      if isMoved { swap(&source, &target) }
    }
    return [Int32](unsafeUninitializedCapacity: count) { buffer, filled in
      for position in 0..<count {
        buffer.initializeElement(at: position, to: source[position].position)
      }
      filled = count
    }
  }

  /// Whether the entries were moved; not when they all have the same digit.
  private static func scatter(
    _ source: UnsafeMutableBufferPointer<Entry>,
    _ target: UnsafeMutableBufferPointer<Entry>,
    digit: Int,
    _ histogram: UnsafeMutableBufferPointer<Int>
  ) -> Bool {
    let count = source.count
    guard starts(histogram, count: count) else { return false }
    let shift = UInt64(11 * digit)
    for position in 0..<count {
      let entry = source[position]
      let bucket = Int((entry.key >> shift) & 2047)
      target.initializeElement(at: histogram[bucket], to: entry)
      histogram[bucket] += 1
    }
    return true
  }

  /// Bits that order as the scores do.
  private static func key(_ score: Double) -> UInt64 {
    let bits = (score + 0.0).bitPattern
    return bits ^ (bits >> 63 == 1 ? UInt64.max : 1 << 63)
  }
}
