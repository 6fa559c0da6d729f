// SPDX-License-Identifier: Apache-2.0

/// The address of a service as it is written on a command line.
public enum ListenAddress {
  /// Splits `HOST:PORT`, with brackets around an IPv6 address.
  ///
  /// - Returns: Host and port, or nothing when one is missing or malformed.
  public static func split(_ text: String) -> (host: String, port: Int)? {
    guard let parts = HostAddress.split(text), let port = parts.port else { return nil }
    return (parts.host, port)
  }

  /// Writes a host and port as `split` reads them.
  public static func text(host: String, port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
