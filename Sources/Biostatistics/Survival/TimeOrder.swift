// SPDX-License-Identifier: Apache-2.0

/// The order of follow-up times.
enum TimeOrder {
  /// The positions of finite times at or above 0, times rising; equal times keep their order.
  ///
  /// Such times order like their bit patterns, so a radix sort on bytes serves, in O(n). Bytes
  /// that all times share are skipped: times in whole days need about three passes.
  static func ascending(_ times: [Double]) -> [Int] {
    // Adding 0 turns a negative zero, whose bit pattern is the largest, into zero.
    var keys = times.map { ($0 + 0).bitPattern }
    var order = Array(times.indices)
    var spareKeys = keys
    var spareOrder = order
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      var starts = [Int](repeating: 0, count: 257)
      keys.withUnsafeBufferPointer { keys in
        starts.withUnsafeMutableBufferPointer { starts in
          for key in keys { starts[Int((key >> shift) & 0xFF) + 1] += 1 }
        }
      }
      guard !starts.contains(times.count) else { continue }
      for digit in 1..<257 { starts[digit] += starts[digit - 1] }
      distribute(keys, order, shift: shift, &starts, &spareKeys, &spareOrder)
      swap(&keys, &spareKeys)
      swap(&order, &spareOrder)
    }
    return order
  }

  private static func distribute(
    _ keys: [UInt64],
    _ order: [Int],
    shift: UInt64,
    _ starts: inout [Int],
    _ newKeys: inout [UInt64],
    _ newOrder: inout [Int]
  ) {
    keys.withUnsafeBufferPointer { keys in
      order.withUnsafeBufferPointer { order in
        starts.withUnsafeMutableBufferPointer { starts in
          newKeys.withUnsafeMutableBufferPointer { newKeys in
            newOrder.withUnsafeMutableBufferPointer { newOrder in
              for index in keys.indices {
                let digit = Int((keys[index] >> shift) & 0xFF)
                let place = starts[digit]
                starts[digit] = place + 1
                newKeys[place] = keys[index]
                newOrder[place] = order[index]
              }
            }
          }
        }
      }
    }
  }
}
