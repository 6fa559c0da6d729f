// SPDX-License-Identifier: Apache-2.0

/// A recursive-descent reader of JSON over bytes that are known to be UTF-8.
struct StrictJSONParser {
  private static let maximumDepth = 32
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads the one value that the bytes must be.
  mutating func document() throws(StrictJSONError) -> StrictJSON {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw .malformed(offset: position) }
    return value
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(StrictJSONError) {
    guard take(byte) else { throw .malformed(offset: position) }
  }

  private mutating func value(depth: Int) throws(StrictJSONError) -> StrictJSON {
    guard depth < StrictJSONParser.maximumDepth else {
      throw .tooDeep(limit: StrictJSONParser.maximumDepth)
    }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(
    _ word: String,
    _ value: StrictJSON
  ) throws(StrictJSONError)
    -> StrictJSON
  {
    for byte in word.utf8 { try expect(byte) }
    return value
  }

  private mutating func object(depth: Int) throws(StrictJSONError) -> StrictJSON {
    try expect(UInt8(ascii: "{"))
    var members: [String: StrictJSON] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      let name = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      let member = try value(depth: depth + 1)
      guard members.updateValue(member, forKey: name) == nil else { throw .duplicateName(name) }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      try expect(UInt8(ascii: ","))
    }
  }

  private mutating func array(depth: Int) throws(StrictJSONError) -> StrictJSON {
    try expect(UInt8(ascii: "["))
    var elements: [StrictJSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      try expect(UInt8(ascii: ","))
    }
  }

  private mutating func number() throws(StrictJSONError) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(StrictJSONError) {
    let start = position
    while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
    guard position > start else { throw .malformed(offset: position) }
  }

  private mutating func string() throws(StrictJSONError) -> String {
    try expect(UInt8(ascii: "\""))
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape()
      case 0x00..<0x20: throw .malformed(offset: position - 1)
      default: text.append(byte)
      }
    }
    throw .malformed(offset: position)
  }

  private mutating func escape() throws(StrictJSONError) -> [UInt8] {
    guard let byte = current else { throw .malformed(offset: position) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
    default: throw .malformed(offset: position - 1)
    }
  }

  private mutating func scalar() throws(StrictJSONError) -> Unicode.Scalar {
    let start = position
    let first = try fourDigits()
    var code = first
    if (0xD800..<0xDC00).contains(first) {
      try expect(UInt8(ascii: "\\"))
      try expect(UInt8(ascii: "u"))
      let second = try fourDigits()
      guard (0xDC00..<0xE000).contains(second) else { throw .malformed(offset: start) }
      code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw .malformed(offset: start) }
    return scalar
  }

  private mutating func fourDigits() throws(StrictJSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw .malformed(offset: position) }
    let digits = bytes[position..<position + 4]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw .malformed(offset: position) }
    position += 4
    return code
  }
}
