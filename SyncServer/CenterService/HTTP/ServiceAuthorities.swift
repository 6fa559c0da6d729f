// SPDX-License-Identifier: Apache-2.0

/// Under which authorities the centre is reached: from its configuration, never from a request.
package struct ServiceAuthorities: Sendable {
  private static let loopback = ["localhost", "127.0.0.1", "::1"]
  private let hosts: [(host: String, port: Int?)]

  /// Takes the hosts of the configuration; the loopback names are always among them.
  package init(hosts: [String]) {
    self.hosts = hosts.compactMap(HostAddress.split) + Self.loopback.map { ($0, nil) }
  }

  /// Whether a `Host` field names this centre.
  ///
  /// A host given with a port is reached at that port, as behind a forwarding router; one given
  /// without is reached at the port that serves, or at the port of the scheme.
  ///
  /// - Parameters:
  ///   - field: The field's value.
  ///   - port: The port of the connection that the request came on.
  /// - Returns: Whether it does.
  func contain(_ field: String, servedAt port: Int) -> Bool {
    let lowercased = field.lowercased()
    let name = lowercased.hasSuffix(":443") ? String(lowercased.dropLast(4)) : lowercased
    return hosts.contains { known in
      let ports = known.port.map { [$0] } ?? [port, nil]
      return ports.contains { name == HostAddress.authority(host: known.host, port: $0) }
    }
  }

  /// The authority that stands for the centre when a request names none of its own.
  func main(servedAt port: Int) -> String {
    guard let first = hosts.first else { return "" }
    return HostAddress.authority(host: first.host, port: first.port ?? port)
  }
}
