// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The bytes that are signed, by RFC 9421 §2.5.
enum SignatureBase {
  /// Joins the lines of the components and of the parameters.
  static func bytes(
    _ lines: [(component: SignatureComponent, value: String)],
    parameters: String
  )
    -> Data
  {
    var text = ""
    for (component, value) in lines {
      text += component.text
      text += ": "
      text += value
      text += "\n"
    }
    text += "\"@signature-params\": "
    text += parameters
    return Data(text.utf8)
  }

  /// Resolves the components of an input against a message.
  ///
  /// - Throws: `unknownComponent`, then `componentAbsent`.
  static func bytes(
    _ input: SignatureInput,
    of message: some SignedMessage
  )
    throws(SignatureRefusal) -> Data
  {
    guard input.components.allSatisfy(message.knows) else { throw .unknownComponent }
    var lines: [(component: SignatureComponent, value: String)] = []
    for component in input.components {
      guard let value = message.value(of: component) else { throw .componentAbsent }
      lines.append((component, value))
    }
    return bytes(lines, parameters: input.text)
  }
}

/// A message whose components can be looked up.
protocol SignedMessage {
  /// Says whether a component of this identifier can exist in such a message.
  func knows(_ component: SignatureComponent) -> Bool
  /// The canonical value of a known component; `nil` when the message does not have it.
  func value(of component: SignatureComponent) -> String?
}

/// A request with the authority under which it is signed.
struct SignedRequest: SignedMessage {
  let request: HTTPRequestMessage
  let authority: String

  private static let derived: Set<String> = ["@method", "@authority", "@path", "@query"]

  func knows(_ component: SignatureComponent) -> Bool {
    component.isPlainField
      || component.isBare && Self.derived.contains(component.name)
  }

  func value(of component: SignatureComponent) -> String? {
    switch component.name {
    case "@method": printable(request.method)
    case "@authority": printable(authority)
    case "@path": request.path.hasPrefix("/") ? printable(request.path) : nil
    case "@query": printable(request.query)
    default: request.fields.canonicalValue(named: component.name)
    }
  }

  /// The text, when none of its bytes can end a line or be read in two ways.
  private func printable(_ text: String) -> String? {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? text : nil
  }
}

/// A response with the signature of the request that it answers.
struct SignedResponse: SignedMessage {
  let response: HTTPResponseMessage
  /// The 64 bytes of the request's signature; `nil` when the request had none.
  let requestSignature: Data?

  func knows(_ component: SignatureComponent) -> Bool {
    component.isPlainField || component == .status || component == .requestSignature
  }

  func value(of component: SignatureComponent) -> String? {
    switch component {
    case .requestSignature: requestSignature.map { ":\($0.base64EncodedString()):" }
    case .status: String(response.status)
    default: response.fields.canonicalValue(named: component.name)
    }
  }
}
