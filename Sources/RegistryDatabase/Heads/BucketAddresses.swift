// SPDX-License-Identifier: Apache-2.0
import Crypto
public import Foundation
public import Replication

/// The addresses of one bucket of the state digest, each with what its heads add to it.
///
/// As bytes: for each address, rising, the first 16 bytes of SHA-256(place) and the sum of the
/// terms of its heads modulo 2¹²⁸, 16 bytes. Two replicas whose buckets differ find the first
/// address at which they do without sending a value.
public struct BucketAddresses: Hashable, Sendable {
  /// The most addresses that travel.
  public static let limit = 65_536

  private(set) var sums: [UInt128: UInt128] = [:]

  init() {}

  /// Reads the bytes; nil when they are not whole or do not rise.
  public init?(bytes: Data) {
    guard bytes.count % 32 == 0 else { return nil }
    let raw = [UInt8](bytes)
    var last: UInt128?
    for start in stride(from: 0, to: raw.count, by: 32) {
      let key = Self.number(raw[start..<start + 16])
      if let last, last >= key { return nil }
      last = key
      sums[key] = Self.number(raw[start + 16..<start + 32])
    }
  }

  /// The bytes; addresses beyond the limit are left out.
  public var bytes: Data {
    var result: [UInt8] = []
    for (key, sum) in sums.sorted(by: { $0.key < $1.key }).prefix(Self.limit) {
      withUnsafeBytes(of: (key.bigEndian, sum.bigEndian)) { result.append(contentsOf: $0) }
    }
    return Data(result)
  }

  /// The first address, by its hash, whose heads differ; nil when all are equal.
  public func firstDifference(from other: BucketAddresses) -> String? {
    let keys = Set(sums.keys).union(other.sums.keys)
    return keys.filter { sums[$0] != other.sums[$0] }.min().map(Self.text)
  }

  /// An address as it is named without naming the patient: the hash's 32 hexadecimal digits.
  public static func name(of address: Address) -> String { text(StateDigest.key(of: address)) }

  mutating func add(_ register: Register, at address: Address) {
    sums[StateDigest.key(of: address), default: 0] &+= StateDigest.sum(register, at: address)
  }

  private static func text(_ key: UInt128) -> String {
    let digits = String(key, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt128 {
    bytes.reduce(0) { $0 << 8 | UInt128($1) }
  }
}
