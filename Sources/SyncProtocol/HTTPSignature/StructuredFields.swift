// SPDX-License-Identifier: Apache-2.0

import Foundation
import RawStructuredFieldValues

/// Strict reading of structured fields (RFC 9651) over a lenient parser.
enum StructuredFields {
  /// The longest field value that is looked at, in bytes.
  static let maximumBytes = 4096

  /// Reads a dictionary leniently: repeated keys and odd spaces pass.
  static func lenientDictionary(_ text: String) -> OrderedMap<String, ItemOrInnerList>? {
    guard text.utf8.count <= maximumBytes else { return nil }
    var parser = StructuredFieldValueParser(Array(text.utf8))
    return try? parser.parseDictionaryFieldValue()
  }

  /// Reads a dictionary that is written in its one canonical form.
  ///
  /// The parser collapses repeated keys and forgives spaces, so the value is encoded again and
  /// must come out the same.
  static func strictDictionary(_ text: String) -> OrderedMap<String, ItemOrInnerList>? {
    guard let dictionary = lenientDictionary(text), serialized(dictionary) == text else {
      return nil
    }
    return dictionary
  }

  /// The canonical text of a dictionary.
  static func serialized(_ dictionary: OrderedMap<String, ItemOrInnerList>) -> String? {
    var serializer = StructuredFieldValueSerializer()
    guard let bytes = try? serializer.writeDictionaryFieldValue(dictionary) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The canonical text of an item.
  static func serialized(_ item: Item) -> String? {
    var serializer = StructuredFieldValueSerializer()
    guard let bytes = try? serializer.writeItemFieldValue(item) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes of the only member of a dictionary, a byte sequence without parameters.
  ///
  /// `nil` unless the member has the name, and the text is canonical down to the unused bits of
  /// its base64.
  static func onlyByteSequence(_ text: String, named name: String) -> Data? {
    guard let dictionary = strictDictionary(text), dictionary.count == 1,
      case .item(let item) = dictionary[name], item.rfc9651Parameters.isEmpty,
      case .undecodedByteSequence(let base64) = item.rfc9651BareItem
    else { return nil }
    return canonicalBase64(base64)
  }

  /// The bytes of padded standard base64 in its one canonical form.
  static func canonicalBase64(_ text: String) -> Data? {
    guard let bytes = Data(base64Encoded: text), bytes.base64EncodedString() == text else {
      return nil
    }
    return bytes
  }
}
