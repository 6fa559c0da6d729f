// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
public import Replication

/// A digest of merged heads that changes in step with them and does not depend on their order.
///
/// Each head adds the first 16 bytes of SHA-256(address ‖ dot ‖ value), as a big-endian number
/// modulo 2¹²⁸, to one of 256 buckets, which the first byte of SHA-256(address) chooses. The
/// address is the patient's 16 bytes, then event, reader and field, each after its length in two
/// bytes; the dot is the replica's 16 bytes and the sequence in eight; the value's bytes are those
/// of `CanonicalValue`. The root is SHA-256 of the buckets.
public struct StateDigest: Hashable, Sendable {
  private var buckets: [UInt128]

  /// The digest of no heads at all.
  public init() { buckets = [UInt128](repeating: 0, count: 256) }

  /// Computes the digest of rows from scratch.
  public init(of rows: [RowAddress: RowHeads]) {
    self.init()
    for (address, row) in rows {
      for (field, register) in row {
        replace(Register(), by: register, at: Address(row: address, field: field))
      }
    }
  }

  /// Reads 4096 bytes; nil when their number is another.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 4096 else { return nil }
    buckets = []
    var bucket: UInt128 = 0
    for (index, byte) in bytes.enumerated() {
      bucket = bucket << 8 | UInt128(byte)
      if index % 16 == 15 {
        buckets.append(bucket)
        bucket = 0
      }
    }
  }

  /// The 256 buckets of 16 bytes, big-endian.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(4096)
    for bucket in buckets {
      CanonicalValue.append(UInt64(truncatingIfNeeded: bucket >> 64), count: 8, to: &result)
      CanonicalValue.append(UInt64(truncatingIfNeeded: bucket), count: 8, to: &result)
    }
    return result
  }

  /// The 32-byte root.
  public var root: [UInt8] { Array(SHA256.hash(data: bytes)) }

  /// Takes the heads of one address out of the digest and puts others in.
  public mutating func replace(_ old: Register, by new: Register, at address: Address) {
    let removed = old.heads.filter { !new.heads.contains($0) }
    let added = new.heads.filter { !old.heads.contains($0) }
    if removed.isEmpty, added.isEmpty { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(128)
    bytes.append(contentsOf: address.row.patient.bytes)
    CanonicalValue.append(address.row.event, to: &bytes)
    CanonicalValue.append(address.row.reader, to: &bytes)
    CanonicalValue.append(address.field, to: &bytes)
    let bucket = Int(SHA256.hash(data: bytes).withUnsafeBytes { $0[0] })
    let length = bytes.count
    for head in removed { buckets[bucket] &-= Self.term(head, after: &bytes, length: length) }
    for head in added { buckets[bucket] &+= Self.term(head, after: &bytes, length: length) }
  }

  private static func term(
    _ head: Head,
    after bytes: inout [UInt8],
    length: Int
  ) -> UInt128 {
    bytes.removeSubrange(length...)
    bytes.append(contentsOf: head.dot.replica.bytes)
    CanonicalValue.append(head.dot.sequence, count: 8, to: &bytes)
    CanonicalValue.append(head.value, to: &bytes)
    return SHA256.hash(data: bytes).withUnsafeBytes { hash in
      hash.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }
  }
}
