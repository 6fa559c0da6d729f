// SPDX-License-Identifier: Apache-2.0

import SyncProtocol

/// A checked base URL: scheme https, a host, perhaps a port, and nothing else.
struct ServerOrigin: Hashable, Sendable {
  /// The host, in small letters; an IPv6 address in brackets.
  let host: String
  /// Host, and port unless 443: what the `Host` field says.
  let authority: String

  init(_ url: String) throws(TransportError) {
    let scheme = "https://"
    guard url.lowercased().hasPrefix(scheme) else { throw .malformedURL(url) }
    var rest = url.dropFirst(scheme.count).lowercased()
    if rest.hasSuffix("/") { rest.removeLast() }
    let (host, port) = ServerOrigin.split(rest)
    guard ServerOrigin.isHost(host), let port, (1...65_535).contains(port) else {
      throw .malformedURL(url)
    }
    self.host = host
    authority = port == 443 ? host : "\(host):\(port)"
  }

  /// The URL of a target in origin form.
  func url(target: String) throws(TransportError) -> String {
    guard target.hasPrefix("/"), target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 })
    else { throw .malformedURL(target) }
    return "https://\(authority)\(target)"
  }

  /// The port is 443 when not given, and `nil` when it is no number.
  private static func split(_ text: String) -> (host: String, port: Int?) {
    guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") else {
      return (text, 443)
    }
    let digits = text[text.index(after: colon)...]
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    return (String(text[..<colon]), isNumber ? Int(digits) : nil)
  }

  private static func isHost(_ text: String) -> Bool {
    if text.hasPrefix("["), text.hasSuffix("]"), text.count > 2 {
      return text.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
    return !text.isEmpty && text.utf8.count <= 253
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
      }
  }
}
