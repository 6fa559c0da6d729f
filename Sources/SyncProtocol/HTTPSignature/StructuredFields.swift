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
  /// its base64: the one text of these bytes is written, and must be the one that was read.
  static func onlyByteSequence(_ text: String, named name: String) -> Data? {
    guard text.utf8.count <= maximumBytes else { return nil }
    let base64 = text.utf8.dropFirst(name.utf8.count + 2).dropLast()
    guard let bytes = Data(base64Encoded: Data(base64)),
      byteSequence(bytes, named: name).utf8.elementsEqual(text.utf8)
    else { return nil }
    return bytes
  }

  /// The bytes of padded standard base64 in its one canonical form.
  static func canonicalBase64(_ text: String) -> Data? {
    guard let bytes = Data(base64Encoded: text), bytes.base64EncodedString() == text else {
      return nil
    }
    return bytes
  }

  /// The canonical text of a dictionary whose only member is a byte sequence.
  static func byteSequence(_ bytes: Data, named name: String) -> String {
    "\(name)=:\(bytes.base64EncodedString()):"
  }
}
