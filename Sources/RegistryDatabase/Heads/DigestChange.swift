// SPDX-License-Identifier: Apache-2.0
import Replication

/// What some changes of heads add to the buckets of a `StateDigest`.
///
/// Its bytes are, per bucket that changes: the bucket's number and 16 bytes to add, big-endian.
struct DigestChange {
  private(set) var terms: [UInt8: UInt128] = [:]

  init() {}

  var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(17 * terms.count)
    for (bucket, term) in terms {
      result.append(bucket)
      CanonicalValue.append(UInt64(truncatingIfNeeded: term >> 64), count: 8, to: &result)
      CanonicalValue.append(UInt64(truncatingIfNeeded: term), count: 8, to: &result)
    }
    return result
  }

  /// Adds stored bytes.
  ///
  /// - Throws: `RegistryDatabaseError.brokenLog` when their number does not fit.
  mutating func add(_ bytes: [UInt8]) throws(RegistryDatabaseError) {
    var reader = ByteReader(bytes)
    while let bucket = reader.byte() {
      guard let high = reader.number(bytes: 8), let low = reader.number(bytes: 8) else {
        throw .brokenLog
      }
      add(UInt128(high) << 64 | UInt128(low), to: bucket)
    }
  }

  /// Adds a term, modulo 2¹²⁸.
  mutating func add(_ term: UInt128, to bucket: UInt8) {
    if term != 0 { terms[bucket, default: 0] &+= term }
  }
}
