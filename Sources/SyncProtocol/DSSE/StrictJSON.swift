// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A JSON value as read by the strict parser.
public indirect enum StrictJSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A number, as written.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([StrictJSON])
  /// An object; every name stands once.
  case object([String: StrictJSON])
}

/// Why bytes are not the one JSON text that every reader understands alike.
public enum StrictJSONError: Error, Hashable, Sendable {
  /// More bytes than allowed.
  case tooLarge(limit: Int)
  /// Nested more deeply than allowed.
  case tooDeep(limit: Int)
  /// Not UTF-8.
  case notUTF8
  /// Not JSON, at this byte.
  case malformed(offset: Int)
  /// An object has this name twice.
  case duplicateName(String)
}

extension StrictJSON {
  /// The largest document that is read unless told otherwise, in bytes.
  public static let defaultMaximumBytes = 1 << 20

  /// Reads a document by RFC 8259, refusing repeated names, which Foundation's decoder accepts.
  ///
  /// Two readers that pick different ones of two equal names see two different documents under
  /// one signature; here there is only one reading.
  ///
  /// - Throws: `StrictJSONError`.
  public static func parse(
    _ bytes: Data,
    maximumBytes: Int = defaultMaximumBytes
  )
    throws(StrictJSONError) -> StrictJSON
  {
    guard bytes.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    var parser = StrictJSONParser(Array(bytes))
    return try parser.document()
  }

  /// The members, when this is an object with exactly these names or fewer of the optional ones.
  package func object(required: Set<String>, optional: Set<String> = []) -> [String: StrictJSON]? {
    guard case .object(let members) = self else { return nil }
    let names = Set(members.keys)
    return required.isSubset(of: names) && names.isSubset(of: required.union(optional))
      ? members : nil
  }

  /// The text, when this is a string.
  package var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The elements, when this is an array.
  package var elements: [StrictJSON]? { if case .array(let all) = self { all } else { nil } }

  /// The number, when this is a whole one from 0 written without point or exponent.
  package var count: UInt64? {
    guard case .number(let digits) = self, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    return UInt64(digits)
  }
}

extension StrictJSON {
  /// The one text of a value: names sorted by their UTF-8 bytes, no spaces, shortest escapes.
  package var canonicalText: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .number(let digits): digits
    case .string(let text): StrictJSON.quoted(text)
    case .array(let elements): "[" + elements.map(\.canonicalText).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(StrictJSON.quoted($0.key)):\($0.value.canonicalText)" }
        .joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
