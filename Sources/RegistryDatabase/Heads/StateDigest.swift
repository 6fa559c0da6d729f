// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
public import Replication

/// A digest of merged heads that changes in step with them and does not depend on their order.
///
/// Each head adds the first 16 bytes of SHA-256(address ‖ dot ‖ value), as a big-endian number
/// modulo 2¹²⁸, to one of 256 buckets, which the first byte of the patient's random id chooses. The
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
    buckets = Array(bytes).withUnsafeBytes { raw in
      (0..<256).map { Self.number(raw, at: 16 * $0) }
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

  /// The first bucket whose number differs from another digest's; nil when all are equal.
  public func firstDifference(from other: StateDigest) -> Int? {
    buckets.indices.first { buckets[$0] != other.buckets[$0] }
  }

  /// Takes the heads of one address out of the digest and puts others in.
  public mutating func replace(_ old: Register, by new: Register, at address: Address) {
    let place = Self.bytes(of: address.row)
    let term = Self.difference(old.heads, new.heads, row: place, field: address.field)
    buckets[Int(Self.bucket(of: address.row.patient))] &+= term
  }

  /// Adds what changes of heads make of it.
  mutating func add(_ change: DigestChange) {
    for (bucket, term) in change.terms { buckets[Int(bucket)] &+= term }
  }

  /// The bucket of everything that a patient has.
  static func bucket(of patient: PatientID) -> UInt8 {
    UInt8(truncatingIfNeeded: patient.high >> 56)
  }

  /// What the digest gains when other heads take the place of old ones; `row` is the start of the
  /// address' bytes.
  static func difference(_ old: [Head], _ new: [Head], row: [UInt8], field: String) -> UInt128 {
    let removed = old.isEmpty ? [] : old.filter { !new.contains($0) }
    let added = old.isEmpty ? new : new.filter { !old.contains($0) }
    if removed.isEmpty, added.isEmpty { return 0 }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(192)
    bytes.append(contentsOf: row)
    CanonicalValue.append(field, to: &bytes)
    let length = bytes.count
    var sum: UInt128 = 0
    for head in removed { sum &-= term(head, after: &bytes, length: length) }
    for head in added { sum &+= term(head, after: &bytes, length: length) }
    return sum
  }

  /// The first 16 bytes of SHA-256(place): an address' name that names no patient.
  static func key(of address: Address) -> UInt128 {
    hash(place(of: address)) { number($0, at: 0) }
  }

  /// What the heads of an address add to its bucket.
  static func sum(_ register: Register, at address: Address) -> UInt128 {
    var bytes = place(of: address)
    let length = bytes.count
    return register.heads.reduce(0) { $0 &+ term($1, after: &bytes, length: length) }
  }

  private static func place(of address: Address) -> [UInt8] {
    var bytes = bytes(of: address.row)
    CanonicalValue.append(address.field, to: &bytes)
    return bytes
  }

  /// The bytes of an address but for its field.
  static func bytes(of row: RowAddress) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    row.patient.append(to: &bytes)
    CanonicalValue.append(row.event, to: &bytes)
    CanonicalValue.append(row.reader, to: &bytes)
    return bytes
  }

  private static func term(
    _ head: Head,
    after bytes: inout [UInt8],
    length: Int
  ) -> UInt128 {
    bytes.removeSubrange(length...)
    head.dot.replica.append(to: &bytes)
    CanonicalValue.append(head.dot.sequence, count: 8, to: &bytes)
    CanonicalValue.append(head.value, to: &bytes)
    return hash(bytes) { number($0, at: 0) }
  }

  private static func hash<T>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> T) -> T {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().withUnsafeBytes(body)
  }

  /// Sixteen big-endian bytes.
  private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt128 {
    let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    return UInt128(high) << 64 | UInt128(low)
  }
}
