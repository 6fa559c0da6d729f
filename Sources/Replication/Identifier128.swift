// SPDX-License-Identifier: Apache-2.0

/// A random 128-bit identifier of one kind of thing.
///
/// `Tag` is never instantiated: it keeps identifiers of different kinds from being mixed up.
/// The order is that of the 16 big-endian bytes.
public struct Identifier128<Tag>: Hashable, Comparable, Sendable {
  /// The first eight bytes, big-endian.
  public let high: UInt64
  /// The last eight bytes, big-endian.
  public let low: UInt64

  /// Makes an identifier from its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Orders identifiers by their bytes.
  public static func < (left: Self, right: Self) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }
}

/// The kind of thing a `ReplicaID` names.
public enum ReplicaTag {}

/// The kind of thing a `PatientID` names.
public enum PatientTag {}

/// The identifier of one store and its sequence of changesets.
public typealias ReplicaID = Identifier128<ReplicaTag>

/// The identifier of one patient on the wire: random, and linked to a person in the vault alone.
public typealias PatientID = Identifier128<PatientTag>

extension Identifier128 {
  /// Draws an identifier at random.
  public static func random(using generator: inout some RandomNumberGenerator) -> Self {
    Self(high: generator.next(), low: generator.next())
  }

  /// Reads 16 big-endian bytes; nil when their number is not 16.
  @inlinable
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for byte in bytes {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(byte)
    }
    self.init(high: high, low: low)
  }

  /// Reads 32 lower-case hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    let digits = hex.utf8
    guard digits.count == 32 else { return nil }
    var halves: [UInt64] = [0, 0]
    for (index, digit) in digits.enumerated() {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      halves[index / 16] = halves[index / 16] << 4 | UInt64(value)
    }
    self.init(high: halves[0], low: halves[1])
  }

  /// The 16 bytes, big-endian.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(16)
    append(to: &result)
    return result
  }

  /// Appends the 16 bytes, big-endian.
  package func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
  }
}

extension Identifier128: CustomStringConvertible {
  /// The 32 lower-case hexadecimal digits.
  public var description: String { hexadecimal(bytes) }
}

extension Identifier128: Codable {
  /// Reads the identifier from its hexadecimal digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let identifier = Self(hex: text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "not 32 hexadecimal digits"
      )
    }
    self = identifier
  }

  /// Writes the identifier as its hexadecimal digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Lower-case hexadecimal digits of some bytes.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var result: [UInt8] = []
  for byte in bytes {
    result.append(digits[Int(byte >> 4)])
    result.append(digits[Int(byte & 15)])
  }
  return String(decoding: result, as: UTF8.self)
}
