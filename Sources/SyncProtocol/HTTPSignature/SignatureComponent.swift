// SPDX-License-Identifier: Apache-2.0

import RawStructuredFieldValues

/// One component that a signature covers: a name and the text under which it is signed.
struct SignatureComponent: Hashable, Sendable {
  /// The name: of a field in small letters, or derived, starting with `@`.
  let name: String
  /// The whole identifier with its parameters, as it stands in the signature base.
  let text: String
  /// Whether the identifier is the name alone, without parameters.
  let isBare: Bool

  /// A component without parameters.
  init(name: String) {
    self.init(name: name, text: "\"\(name)\"", isBare: true)
  }

  /// A component as it was received; `nil` unless its value is a string.
  init?(_ item: Item) {
    guard case .string(let name) = item.rfc9651BareItem,
      let text = StructuredFields.serialized(item)
    else { return nil }
    self.init(name: name, text: text, isBare: item.rfc9651Parameters.isEmpty)
  }

  private init(name: String, text: String, isBare: Bool) {
    self.name = name
    self.text = text
    self.isBare = isBare
  }

  /// The status code of a response.
  static let status = SignatureComponent(name: "@status")

  /// The signature of the request that a response answers.
  static let requestSignature = SignatureComponent(
    name: "signature",
    text: "\"signature\";req;key=\"\(SignatureProfile.label)\"",
    isBare: false
  )

  /// Whether the identifier is the bare name of a field that a message can have.
  var isPlainField: Bool {
    isBare && !name.isEmpty
      && name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
      }
  }
}
