// SPDX-License-Identifier: Apache-2.0

/// The paths that the centre serves to sites.
public enum SyncRoutes {
  /// Where a device enrols.
  public static let enroll = "/v1/enroll"

  /// Where a site pushes and pulls batches.
  public static func sync(_ site: String) -> String { "/v1/sites/\(site)/sync" }

  /// Where a site fetches the model channel.
  public static func model(_ site: String) -> String { "/v1/sites/\(site)/model" }

  /// Where a device gets a new key in place of the one that signs the request.
  public static func key(_ site: String) -> String { "/v1/sites/\(site)/key" }

  /// Where a site asks for the root keys' word on a broken audit log.
  public static func auditBreaks(_ site: String) -> String { "/v1/sites/\(site)/audit-breaks" }

  /// The media type of sync requests and replies.
  public static let syncContentType = "application/protobuf"

  /// The media type of everything else.
  public static let jsonContentType = "application/json"
}

/// The JSON body of every refusal.
public struct ErrorBody: Codable, Hashable, Sendable {
  /// A code, such as `clock_window` or `unknown_key`.
  public let error: String
  /// A sentence for people, without patient values.
  public let message: String
  /// Seconds after which to ask again, as in `Retry-After`, which no signature covers.
  public let retryAfter: Int?

  /// Makes an error body.
  public init(error: String, message: String, retryAfter: Int? = nil) {
    self.error = error
    self.message = message
    self.retryAfter = retryAfter
  }

  private enum CodingKeys: String, CodingKey {
    case error, message
    case retryAfter = "retry_after"
  }
}
