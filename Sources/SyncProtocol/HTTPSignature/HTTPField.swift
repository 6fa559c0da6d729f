// SPDX-License-Identifier: Apache-2.0

/// One header field line of an HTTP message.
public struct HTTPField: Hashable, Sendable {
  /// The field name; its case carries no meaning.
  public var name: String
  /// The field value, without the line end.
  public var value: String

  /// Makes a field of a name and a value.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// Says whether the field has this name, whatever the case of its letters.
  public func isNamed(_ other: String) -> Bool {
    name.utf8.elementsEqual(other.utf8) { smallLetter($0) == smallLetter($1) }
  }
}

extension [HTTPField] {
  /// The values of all fields of one name, in order.
  public func values(named name: String) -> [String] {
    compactMap { $0.isNamed(name) ? $0.value : nil }
  }

  /// The value of the field of this name, when there is exactly one.
  public func onlyValue(named name: String) -> String? {
    let found = values(named: name)
    return found.count == 1 ? found[0] : nil
  }

  /// Replaces all fields of one name by a single one at the end.
  public mutating func set(_ name: String, to value: String) {
    removeAll { $0.isNamed(name) }
    append(HTTPField(name: name, value: value))
  }

  /// The canonical value of RFC 9421 §2.1: trimmed, several lines joined by a comma and a space.
  ///
  /// `nil` when no such field is there, or when a value holds a control character or leaves
  /// ASCII: such a value could forge another line of the signature base.
  package func canonicalValue(named name: String) -> String? {
    let found = values(named: name)
    guard !found.isEmpty else { return nil }
    let joined = found.map(trimmed).joined(separator: ", ")
    return joined.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x09 } ? joined : nil
  }
}

/// A value without the spaces and tabs around it.
private func trimmed(_ value: String) -> Substring {
  let bytes = value.utf8
  guard let first = bytes.firstIndex(where: isNoSpace), let last = bytes.lastIndex(where: isNoSpace)
  else { return "" }
  return Substring(bytes[first...last])
}

private func isNoSpace(_ byte: UInt8) -> Bool { byte != 0x20 && byte != 0x09 }

/// The small letter of a capital one of ASCII, which is all that names of fields are made of.
private func smallLetter(_ byte: UInt8) -> UInt8 {
  (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}
