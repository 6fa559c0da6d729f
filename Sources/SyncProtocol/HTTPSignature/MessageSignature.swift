// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The signature pair of a message: making one, and reading one by the profile.
struct MessageSignature: Sendable {
  let input: SignatureInput
  /// The 64 bytes of the signature.
  let signature: Data

  /// Reads and checks everything that needs neither key nor message.
  ///
  /// - Throws: `malformedSignatureInput` … `createdMissing`, in the order of `SignatureRefusal`.
  init(inputField: String, signatureField: String) throws(SignatureRefusal) {
    input = try SignatureInput(inputField, label: SignatureProfile.label)
    guard let signature = MessageSignature.signatureBytes(signatureField) else {
      throw .malformedSignature
    }
    self.signature = signature
    guard input.string("tag") == SignatureProfile.tag else { throw .tag }
    guard !input.has("alg") || input.string("alg") == "ed25519" else { throw .algorithm }
    guard input.created != nil else { throw .createdMissing }
  }

  /// The bytes of a `Signature` field of this profile; `nil` unless it has exactly that form.
  static func signatureBytes(_ field: String) -> Data? {
    guard let bytes = StructuredFields.onlyByteSequence(field, named: SignatureProfile.label),
      bytes.count == 64
    else { return nil }
    return bytes
  }

  /// Says whether the signature covers all of these components.
  func covers(_ required: [SignatureComponent]) -> Bool {
    required.allSatisfy(input.components.contains)
  }

  /// Signs components of a message and returns the two field values.
  static func make(
    _ components: [SignatureComponent],
    of message: some SignedMessage,
    parameters: String,
    by key: Curve25519.Signing.PrivateKey
  ) throws(SigningError) -> (input: String, signature: String) {
    var lines: [(component: SignatureComponent, value: String)] = []
    for component in components {
      guard let value = message.value(of: component) else { throw .notCanonical(component.name) }
      lines.append((component, value))
    }
    let text = "(\(components.map(\.text).joined(separator: " ")));\(parameters)"
    let base = SignatureBase.bytes(lines, parameters: text)
    guard let signature = try? key.signature(for: base) else { throw .cryptography }
    let label = SignatureProfile.label
    return ("\(label)=\(text)", StructuredFields.byteSequence(signature, named: label))
  }

  /// A parameter whose value is a string of printable ASCII.
  static func parameter(_ name: String, _ value: String) throws(SigningError) -> String {
    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
      throw .notCanonical(name)
    }
    return "\(name)=\"\(value)\""
  }
}
