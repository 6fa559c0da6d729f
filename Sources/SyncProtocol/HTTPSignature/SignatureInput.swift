// SPDX-License-Identifier: Apache-2.0

import RawStructuredFieldValues

/// What a `Signature-Input` field says about one signature.
struct SignatureInput: Sendable {
  /// The covered components in order.
  let components: [SignatureComponent]
  /// The inner list with its parameters as received: the value of `@signature-params`.
  let text: String
  /// The time of signing, seconds since 1970; `nil` when missing or no integer.
  let created: Int?
  /// The key's name; `nil` when missing or no string.
  let keyID: String?
  /// The parameters by name.
  private let parameters: OrderedMap<String, RFC9651BareItem>

  /// Reads the field value of one signature.
  ///
  /// - Throws: `malformedSignatureInput`, `label` or `duplicate`, in this order.
  init(_ value: String, label: String) throws(SignatureRefusal) {
    guard let dictionary = StructuredFields.lenientDictionary(value) else {
      throw .malformedSignatureInput
    }
    // A repeated parameter is the one lenience of the parser that has a name of its own.
    let isCanonical = StructuredFields.serialized(dictionary) == value
    guard isCanonical || SignatureInput.hasRepeatedParameter(value) else {
      throw .malformedSignatureInput
    }
    var members: [InnerList] = []
    for (_, member) in dictionary {
      guard case .innerList(let list) = member else { throw .malformedSignatureInput }
      members.append(list)
    }
    let components = members.map { list in list.bareInnerList.map { SignatureComponent($0) } }
    guard components.allSatisfy({ !$0.contains(nil) }) else { throw .malformedSignatureInput }
    guard members.count == 1, dictionary[label] != nil else { throw .label }
    self.components = components[0].compactMap { $0 }
    guard isCanonical, Set(self.components).count == self.components.count else {
      throw .duplicate
    }
    text = String(value.dropFirst(label.count + 1))
    parameters = members[0].rfc9651Parameters
    if case .integer(let seconds) = parameters["created"] {
      created = Int(seconds)
    } else {
      created = nil
    }
    if case .string(let name) = parameters["keyid"] { keyID = name } else { keyID = nil }
  }

  /// The value of a parameter that is a string; `nil` when missing or of another kind.
  func string(_ name: String) -> String? {
    if case .string(let value) = parameters[name] { value } else { nil }
  }

  /// Whether a parameter is there, of whatever kind.
  func has(_ name: String) -> Bool { parameters[name] != nil }

  /// The value of a parameter that is an integer; `nil` when missing or of another kind.
  func integer(_ name: String) -> Int? {
    if case .integer(let value) = parameters[name] { Int(value) } else { nil }
  }

  /// Says whether one run of parameters names a key twice.
  ///
  /// The parser keeps the last of them, which another reader need not do.
  static func hasRepeatedParameter(_ value: String) -> Bool {
    var isQuoted = false
    var isEscaped = false
    var key: [UInt8]?
    var seen: Set<[UInt8]> = []
    for byte in Array(value.utf8) + [UInt8(ascii: ",")] {
      if isQuoted {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = false
        }
        continue
      }
      if "=;) ,(".utf8.contains(byte), let ended = key {
        if !seen.insert(ended).inserted { return true }
        key = nil
      }
      switch byte {
      case UInt8(ascii: "\""): isQuoted = true
      case UInt8(ascii: ";"): key = []
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: " "), UInt8(ascii: ","): seen = []
      default: key?.append(byte)
      }
    }
    return false
  }
}
