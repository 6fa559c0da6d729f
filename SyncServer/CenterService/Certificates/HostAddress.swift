// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Host names and IP addresses as they are given on a command line.
package enum HostAddress {
  /// The bytes of an IP address (4 or 16), or nothing when the text is a name.
  static func bytes(_ text: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      return withUnsafeBytes(of: &four) { Array($0) }
    }
    var six = in6_addr()
    if inet_pton(AF_INET6, text, &six) == 1 {
      return withUnsafeBytes(of: &six) { Array($0) }
    }
    return nil
  }

  /// Who answers for an address: of version 6 the network, since one host may use all of it.
  ///
  /// - Parameter address: The text of an IP address.
  /// - Returns: The same text for the same owner.
  package static func owner(_ address: String) -> String {
    guard let bytes = bytes(address), bytes.count == 16 else { return address }
    let isVersion4 = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [0xFF, 0xFF]
    if isVersion4 { return bytes.suffix(4).map(String.init).joined(separator: ".") }
    return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
  }

  /// Splits `host:port`, `[v6]:port` or a bare host.
  ///
  /// - Returns: The host without brackets and the port, or nothing when the text is neither.
  static func split(_ text: String) -> (host: String, port: Int?)? {
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let host = String(text[text.index(after: text.startIndex)..<end])
      guard bytes(host)?.count == 16 else { return nil }
      let rest = text[text.index(after: end)...]
      return rest.isEmpty
        ? (host, nil) : port(rest.dropFirst(), after: rest.first).map { (host, $0) }
    }
    if bytes(text)?.count == 16 { return (text, nil) }
    guard let colon = text.firstIndex(of: ":") else {
      return isName(text) ? (text, nil) : nil
    }
    let host = String(text[..<colon])
    guard isName(host) else { return nil }
    return port(text[text.index(after: colon)...], after: ":").map { (host, $0) }
  }

  /// The authority that a client puts into `Host` for this host and port.
  static func authority(host: String, port: Int?) -> String {
    let name = host.contains(":") ? "[\(host)]" : host.lowercased()
    return port.map { $0 == 443 ? name : "\(name):\($0)" } ?? name
  }

  private static func port(_ text: some StringProtocol, after separator: Character?) -> Int? {
    guard separator == ":", let port = Int(text), (0...65_535).contains(port) else { return nil }
    return port
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.count <= 253
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
  }
}
