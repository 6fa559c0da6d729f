// SPDX-License-Identifier: Apache-2.0

/// Reads stored bytes from front to back; nil wherever they end too early.
struct ByteReader {
  private let all: [UInt8]
  private var next = 0

  init(_ bytes: [UInt8]) { all = bytes }

  var isAtEnd: Bool { next == all.count }

  mutating func byte() -> UInt8? {
    guard next < all.count else { return nil }
    defer { next += 1 }
    return all[next]
  }

  mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= all.count - next else { return nil }
    defer { next += count }
    return all[next..<next + count]
  }

  /// A big-endian number of some bytes.
  mutating func number(bytes count: Int) -> UInt64? {
    bytes(count)?.reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func varint() -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard let byte = byte() else { return nil }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
    }
    return nil
  }

  /// A text behind its length as a varint.
  mutating func text() -> String? {
    count(limit: 1 << 16).flatMap { bytes($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// A varint from 0 to the limit.
  mutating func count(limit: Int) -> Int? {
    guard let number = varint(), let count = Int(exactly: number), count <= limit else {
      return nil
    }
    return count
  }
}

/// LEB128 numbers.
enum VarInt {
  static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Appends a text as its length and its UTF-8.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }
}
