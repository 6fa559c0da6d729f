// SPDX-License-Identifier: Apache-2.0

/// How the centre is reached.
public struct CurlOptions: Hashable, Sendable {
  /// `https://host` or `https://host:port`.
  public var baseURL: String
  /// A PEM file of the only authorities to trust; `nil` for the system's.
  public var certificateAuthorityFile: String?
  /// The proxy's URL; `nil` for what the environment says.
  ///
  /// `https_proxy` names a proxy when none is given here; `no_proxy` counts either way.
  public var proxy: String?
  /// The longest time to connect, in milliseconds.
  public var connectTimeoutMilliseconds: Int
  /// The longest silence of the other host's system, in milliseconds: a line that is cut.
  ///
  /// A centre that works on a long answer is not silent: its system still acknowledges.
  public var silenceTimeoutMilliseconds: Int
  /// The longest time for a whole exchange, in milliseconds.
  public var totalTimeoutMilliseconds: Int
  /// The largest response body that is taken, in bytes.
  public var maximumResponseBytes: Int

  /// Makes options; the defaults suit a slow hospital line.
  public init(
    baseURL: String,
    certificateAuthorityFile: String? = nil,
    proxy: String? = nil,
    connectTimeoutMilliseconds: Int = 15_000,
    silenceTimeoutMilliseconds: Int = 30_000,
    totalTimeoutMilliseconds: Int = 120_000,
    maximumResponseBytes: Int = 32 << 20
  ) {
    self.baseURL = baseURL
    self.certificateAuthorityFile = certificateAuthorityFile
    self.proxy = proxy
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.silenceTimeoutMilliseconds = silenceTimeoutMilliseconds
    self.totalTimeoutMilliseconds = totalTimeoutMilliseconds
    self.maximumResponseBytes = maximumResponseBytes
  }
}
